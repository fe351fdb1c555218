package opcua

import (
	"math"
	"time"

	"tagbridge/drivers/opcua/wire"
)

// The services by the numbers of their requests' encodings.
const (
	svcOpen      = 446
	svcSession   = 461
	svcActivate  = 467
	svcRead      = 631
	svcTranslate = 554
	svcRegister  = 560
	svcSubscribe = 787
	svcMonitor   = 751
	svcPublish   = 826
)

// nodesOf is the numbers of the nodes that a request reads or monitors.
func nodesOf(service uint32, body []byte) (nodes []uint32) {
	r := wire.NewReader(body)
	switch service {
	case svcRead:
		r.Uint64()
		r.Uint32()
		for range r.Count(1) {
			nodes = append(nodes, readValueID(r).Num)
		}
	case svcMonitor:
		for _, it := range monitorItems(r) {
			nodes = append(nodes, it.node.Num)
		}
	}
	return nodes
}

func readValueID(r *wire.Reader) wire.NodeID {
	id := r.NodeID()
	r.Uint32()
	_ = r.String()
	r.QualifiedName()
	return id
}

type scriptItem struct {
	node   wire.NodeID
	handle uint32
}

func monitorItems(r *wire.Reader) (list []scriptItem) {
	r.Uint32()
	r.Uint32()
	for range r.Count(1) {
		it := scriptItem{node: readValueID(r)}
		r.Uint32()
		it.handle = r.Uint32()
		r.Float64()
		r.Extension()
		r.Uint32()
		r.Uint8()
		list = append(list, it)
	}
	return list
}

// noDiagnostics ends most answers.
func noDiagnostics(out []byte) []byte { return le.AppendUint32(out, math.MaxUint32) }

func (c *scriptConn) serviceOf(service uint32, r *wire.Reader) (out []byte, status wire.Status) {
	switch service {
	case svcOpen:
		c.token++
		out = le.AppendUint32(le.AppendUint32(le.AppendUint32(out, 0), 7), c.token)
		out = le.AppendUint32(wire.AppendTime(out, time.Now()), 3_600_000)
		return wire.AppendBytes(out, nil), 0
	case svcSession:
		out = wire.AppendNodeID(wire.AppendNodeID(out, wire.NodeID{Space: 1, Num: 1}), wire.NodeID{Space: 1, Num: 2})
		out = wire.AppendBytes(wire.AppendDouble(out, 30000), make([]byte, 32))
		out = noDiagnostics(noDiagnostics(wire.AppendBytes(out, nil))) // no certificate, endpoints, software certificates
		return le.AppendUint32(wire.AppendBytes(wire.AppendString(out, ""), nil), 0), 0
	case svcActivate:
		return noDiagnostics(noDiagnostics(wire.AppendBytes(out, make([]byte, 32)))), 0
	case 473: // close session
		return nil, 0
	case svcRead:
		r.Uint64()
		r.Uint32()
		n := r.Count(1)
		out = le.AppendUint32(out, uint32(n))
		for range n {
			out = append(out, c.s.valueOf(readValueID(r))...)
		}
		return noDiagnostics(out), 0
	case svcTranslate:
		n := r.Count(1)
		out = le.AppendUint32(out, uint32(n))
		for range n {
			out = append(out, c.s.targetOf(r)...)
		}
		return noDiagnostics(out), 0
	case svcSubscribe:
		interval := r.Float64()
		r.Uint32()
		keep := r.Uint32()
		c.s.mu.Lock()
		c.s.perPublish = r.Uint32()
		c.s.mu.Unlock()
		c.subs++
		out = wire.AppendDouble(le.AppendUint32(out, c.subs), interval)
		return le.AppendUint32(le.AppendUint32(out, 1000), keep), 0
	case svcMonitor:
		return c.monitor(r), 0
	case 781, 847: // delete items, subscriptions
		return noDiagnostics(noDiagnostics(out)), 0
	}
	return nil, wire.BadServiceUnsupported
}

func (c *scriptConn) monitor(r *wire.Reader) (out []byte) {
	items := monitorItems(r)
	out = le.AppendUint32(out, uint32(len(items)))
	for range items {
		c.items++
		out = le.AppendUint32(le.AppendUint32(out, 0), c.items)
		out = le.AppendUint32(wire.AppendDouble(out, 100), 10)
		out = append(out, 0, 0, 0)
	}
	return noDiagnostics(out)
}

// targetOf is the answer to one path: the last name is the number of a node of namespace 2.
func (s *script) targetOf(r *wire.Reader) (out []byte) {
	r.NodeID()
	var last string
	for range r.Count(1) {
		r.NodeID()
		r.Uint8()
		r.Uint8()
		last = string(r.QualifiedName().Name)
	}
	n := uint32(0)
	for _, digit := range last {
		if n = 10*n + uint32(digit-'0'); digit < '0' || digit > '9' {
			return le.AppendUint32(le.AppendUint32(nil, uint32(wire.BadNoMatch)), 0)
		}
	}
	out = le.AppendUint32(le.AppendUint32(nil, 0), 1)
	out = wire.AppendNodeID(out, wire.NodeID{Space: 2, Num: n})
	return le.AppendUint32(out, math.MaxUint32)
}

func (s *script) valueOf(n wire.NodeID) []byte {
	if s.value != nil {
		if v := s.value(n); v != nil {
			return v
		}
	}
	switch {
	case n == wire.Numeric(2255):
		return wire.AppendStrings([]byte{1, 12 | 0x80}, []string{"http://opcfoundation.org/UA/", "urn:script", "urn:two"})
	case n == wire.Numeric(2258):
		return wire.AppendTime([]byte{1, 13}, s.now())
	case n.Space == 0:
		return le.AppendUint32([]byte{1, 7}, 0)
	}
	return doubleAt(float64(n.Num), s.now())
}

// doubleAt is a DataValue with both times.
func doubleAt(v float64, at time.Time) []byte {
	out := wire.AppendDouble([]byte{1 | 4 | 8, 11}, v)
	return wire.AppendTime(wire.AppendTime(out, at), at)
}

// push sends a notification with the values of items, by their handles. It waits for a request for it.
func (c *scriptConn) push(number uint32, values map[uint32][]byte) {
	c.s.t.Helper()
	limit := time.Now().Add(2 * time.Minute)
	for {
		c.mu.Lock()
		if len(c.publishes) > 0 {
			break
		}
		c.mu.Unlock()
		if time.Now().After(limit) {
			c.s.t.Fatal("nobody asks for notifications")
		}
		time.Sleep(time.Millisecond)
	}
	q := c.publishes[0]
	c.publishes = c.publishes[1:]
	sub := c.subs
	c.mu.Unlock()
	body := le.AppendUint32(nil, uint32(len(values)))
	for handle, v := range values {
		body = append(le.AppendUint32(body, handle), v...)
	}
	body = noDiagnostics(body)
	out := le.AppendUint32(le.AppendUint32(nil, sub), 0)
	out = wire.AppendTime(le.AppendUint32(append(out, 0), number), time.Now())
	out = le.AppendUint32(out, 1)
	out = wire.AppendBytes(append(wire.AppendNodeID(out, wire.DataChange), 1), body)
	c.answer("MSG", q.id, svcPublish, q.handle, 0, noDiagnostics(noDiagnostics(out)))
}
