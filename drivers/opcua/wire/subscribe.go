package wire

import (
	"fmt"
	"time"
)

// CreateSubscription makes a subscription (Part 4, 5.13.2).
type CreateSubscription struct {
	Interval  time.Duration // publishing
	KeepAlive uint32        // intervals without a value after which the server says that it is alive
	Lifetime  uint32        // intervals without a PublishRequest after which it ends
	Most      uint32        // changes in one notification; 0: any number
}

// ID implements Request.
func (CreateSubscription) ID() uint32 { return 787 }

// Append implements Request.
func (q CreateSubscription) Append(dst []byte) []byte {
	dst = AppendDouble(dst, float64(q.Interval)/float64(time.Millisecond))
	dst = le.AppendUint32(dst, q.Lifetime)
	dst = le.AppendUint32(dst, q.KeepAlive)
	dst = le.AppendUint32(dst, q.Most)
	return append(dst, 1, 0) // publishing, priority
}

// Subscription is the answer to CreateSubscription.
type Subscription struct {
	ID        uint32
	Interval  time.Duration
	KeepAlive uint32
}

// Subscription reads one.
func (r *Reader) Subscription() Subscription {
	s := Subscription{ID: r.Uint32(), Interval: milliseconds(r.Float64())}
	r.Uint32()
	s.KeepAlive = r.Uint32()
	return s
}

// DeleteSubscriptions ends subscriptions.
type DeleteSubscriptions struct{ IDs []uint32 }

// ID implements Request.
func (DeleteSubscriptions) ID() uint32 { return 847 }

// Append implements Request.
func (q DeleteSubscriptions) Append(dst []byte) []byte {
	dst = le.AppendUint32(dst, uint32(len(q.IDs)))
	for _, id := range q.IDs {
		dst = le.AppendUint32(dst, id)
	}
	return dst
}

// Item is a node to monitor.
type Item struct {
	Node     NodeID
	Handle   uint32
	Deadband float64 // 0: none
	Percent  bool    // of the EURange
}

// CreateItems monitors the values of nodes (Part 4, 5.12.2).
type CreateItems struct {
	Subscription uint32
	Times        Times
	Sampling     time.Duration
	Queue        uint32
	Items        []Item
}

// ID implements Request.
func (CreateItems) ID() uint32 { return 751 }

// Append implements Request.
func (q CreateItems) Append(dst []byte) []byte {
	dst = le.AppendUint32(dst, q.Subscription)
	dst = le.AppendUint32(dst, uint32(q.Times))
	dst = le.AppendUint32(dst, uint32(len(q.Items)))
	for _, it := range q.Items {
		dst = AppendReadValueID(dst, it.Node, AttributeValue)
		dst = le.AppendUint32(dst, 2) // reporting
		dst = le.AppendUint32(dst, it.Handle)
		dst = AppendDouble(dst, float64(q.Sampling)/float64(time.Millisecond))
		dst = appendFilter(dst, it)
		dst = le.AppendUint32(dst, q.Queue)
		dst = append(dst, 1) // the oldest is given up first
	}
	return dst
}

// appendFilter appends a DataChangeFilter, or none.
func appendFilter(dst []byte, it Item) []byte {
	if it.Deadband == 0 {
		return append(AppendNodeID(dst, NodeID{}), 0)
	}
	return appendExtension(dst, 724, func(dst []byte) []byte {
		dst = le.AppendUint32(dst, 1) // status and value
		kind := uint32(1)
		if it.Percent {
			kind = 2
		}
		return AppendDouble(le.AppendUint32(dst, kind), it.Deadband)
	})
}

// ItemResult is what became of an Item.
type ItemResult struct {
	Status   Status
	ID       uint32
	Sampling time.Duration
	Queue    uint32
}

// ItemResults reads an array of MonitoredItemCreateResult.
func (r *Reader) ItemResults() []ItemResult {
	all, n := list[ItemResult](r, 23)
	for range n {
		it := ItemResult{Status: r.Status(), ID: r.Uint32(), Sampling: milliseconds(r.Float64()), Queue: r.Uint32()}
		r.skip(TypeExtension)
		all = append(all, it)
	}
	return all
}

// DeleteItems ends monitoring.
type DeleteItems struct {
	Subscription uint32
	IDs          []uint32
}

// ID implements Request.
func (DeleteItems) ID() uint32 { return 781 }

// Append implements Request.
func (q DeleteItems) Append(dst []byte) []byte {
	dst = le.AppendUint32(dst, q.Subscription)
	dst = le.AppendUint32(dst, uint32(len(q.IDs)))
	for _, id := range q.IDs {
		dst = le.AppendUint32(dst, id)
	}
	return dst
}

// Ack says that a notification has arrived.
type Ack struct{ Subscription, Sequence uint32 }

// Publish asks for the next notification (Part 4, 5.13.5).
type Publish struct{ Acks []Ack }

// ID implements Request.
func (Publish) ID() uint32 { return 826 }

// Append implements Request.
func (q Publish) Append(dst []byte) []byte {
	dst = le.AppendUint32(dst, uint32(len(q.Acks)))
	for _, a := range q.Acks {
		dst = le.AppendUint32(le.AppendUint32(dst, a.Subscription), a.Sequence)
	}
	return dst
}

// Notification is the answer to Publish. Without Parts it is a sign of life.
type Notification struct {
	Subscription uint32
	Sequence     uint32
	More         bool
	Parts        []Extension
}

// Notification reads one.
func (r *Reader) Notification() Notification {
	n := Notification{Subscription: r.Uint32()}
	for range r.Count(4) {
		r.Uint32()
	}
	n.More = r.Bool()
	n.Sequence = r.Uint32()
	r.Time()
	parts := r.Count(3)
	if parts > maxParts {
		r.fail(fmt.Errorf("notification of %d parts, at most %d are taken", parts, maxParts))
		return n
	}
	for range parts {
		n.Parts = append(n.Parts, r.Extension())
	}
	return n
}

// maxParts bounds what is made of a notification. Servers send one part of changes, and one for a change of status.
const maxParts = 1000

// The encodings of Notification.Parts.
var (
	DataChange   = Numeric(811)
	StatusChange = Numeric(820)
)

// Changes calls yield with the handle and value of each change in the body of a DataChange.
func Changes(body []byte, yield func(handle uint32, v *DataValue)) error {
	r := Reader{b: body}
	var v DataValue
	for range r.Count(5) {
		handle := r.Uint32()
		r.DataValue(&v)
		if r.err != nil {
			return fmt.Errorf("data change: %w", r.err)
		}
		yield(handle, &v)
	}
	if r.err != nil {
		return fmt.Errorf("data change: %w", r.err)
	}
	return nil
}
