package mqtt

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"tagbridge/sinks"
	"tagbridge/sinks/sparkplug"
)

// Edge is an edge node of Sparkplug B 3.0, over one connection to one broker at a time. It is a sinks.Restless: connections
// begin with births, and hosts may ask for births at any time.
type Edge struct {
	s       *Sink // the connection
	o       EdgeOptions
	node    *sparkplug.Node
	bdSeq   bdSeq
	host    host
	servers servers
	births  births
	most    int             // messages of a volley
	logged  map[string]bool // what was said once already
	wants   chan struct{}
	busy    atomic.Bool // Send or Tend is under way: it sees by itself that a connection has ended
	alarm   *time.Timer // wants when births may be made again
	later   *time.Timer // wants when devices are to be buried
}

var _ sinks.Restless = (*Edge)(nil)

// OpenEdge makes a node; it reads the files of o.TLS and does not connect yet.
func OpenEdge(o EdgeOptions) (*Edge, error) {
	o.QoS, o.Retain, o.StateTopic, o.Format = 0, false, "", ""
	o.Topic = edgeTopic
	s, err := Open(o.Options)
	if err != nil {
		return nil, err
	}
	e := &Edge{
		s: s, o: o, node: sparkplug.NewNode(o.Sparkplug), bdSeq: bdSeq{path: o.File}, logged: map[string]bool{},
		wants: make(chan struct{}, 1), host: host{id: o.PrimaryHost},
		most: len(s.window.slots),
	}
	e.alarm = time.AfterFunc(time.Hour, e.want)
	e.alarm.Stop()
	e.later = time.AfterFunc(time.Hour, e.want)
	e.later.Stop()
	if e.servers.list, err = o.targets(s.target); err != nil {
		return nil, err
	}
	e.want() // births do not wait for a sample
	return e, nil
}

// Wants implements sinks.Restless.
func (e *Edge) Wants() <-chan struct{} { return e.wants }

// want has Tend be called.
func (e *Edge) want() {
	select {
	case e.wants <- struct{}{}:
	default:
	}
}

// errIntroduce asks for the present values.
var errIntroduce = errors.New("births need the present values")

// Tend implements sinks.Restless: it connects if need be, and asks for the present values when births are due.
func (e *Edge) Tend(ctx context.Context) error {
	defer e.begin()()
	if err := e.ready(ctx); err != nil {
		return e.s.fault(ctx, err)
	}
	if e.due() {
		return e.introduction()
	}
	if e.node.Bury() {
		e.later.Reset(time.Second)
	}
	none := new(sinks.View)
	e.node.Deliver(none)
	if _, err := e.publish(ctx, none); err != nil && !isIntroduce(err) {
		return e.s.fault(ctx, err)
	} else if err != nil {
		return err
	}
	return nil
}

// begin notes that the node is at work, until what it returns is called.
func (e *Edge) begin() (done func()) {
	e.busy.Store(true)
	return func() {
		e.busy.Store(false)
		if e.s.session != nil && e.s.wire.err() != nil {
			e.want() // it ended just now, and nobody has seen that
		}
	}
}

// due reports that births are to be made.
func (e *Edge) due() bool { return !e.node.Born() || e.births.due(time.Now(), e.alarm) }

// introduction asks for the present values.
func (e *Edge) introduction() error {
	return &sinks.Fault{Action: sinks.Introduce, Sure: e.births.take(), Err: errIntroduce}
}

// Send implements sinks.Sink: it connects if need be, and publishes v. Without births it asks for the present values first.
func (e *Edge) Send(ctx context.Context, v *sinks.View) (n int, err error) {
	defer e.begin()()
	if v.Len() == 0 && !v.Introduces() {
		return 0, nil
	}
	if err := e.ready(ctx); err != nil {
		return 0, e.s.fault(ctx, err)
	}
	switch {
	case v.Introduces():
		e.node.Introduce(v, e.births.begin(time.Now()) || !e.node.Born())
		n, err = e.publish(ctx, v)
		if err == nil {
			n = v.Len()
		}
	case e.due():
		return 0, e.introduction()
	default:
		e.node.Deliver(v)
		n, err = e.publish(ctx, v)
	}
	if err != nil && !isIntroduce(err) {
		err = e.s.fault(ctx, err)
	}
	if unfit := e.unfitBefore(n); len(unfit) > 0 {
		err = &sinks.Unfit{Places: unfit, Err: errTooLarge, Then: err}
	}
	return n, err
}

// errTooLarge is what there is to say of a sample that no message can hold.
var errTooLarge = errors.New("larger than a message to the broker may be (max_packet)")

func isIntroduce(err error) bool {
	var f *sinks.Fault
	return errors.As(err, &f) && f.Action == sinks.Introduce
}

// unfitBefore are the places of samples before n that are in no message.
func (e *Edge) unfitBefore(n int) []int {
	list := slices.Clone(e.node.Unfit())
	slices.Sort(list)
	past, _ := slices.BinarySearch(list, n)
	return list[:past]
}

// Close implements sinks.Sink: the node dies, if the broker listens, and the connection ends.
func (e *Edge) Close() error {
	e.alarm.Stop()
	e.later.Stop()
	e.leave()
	return nil
}

// leave publishes the death of the node and ends the connection.
func (e *Edge) leave() {
	s := e.s
	if s.session == nil {
		return
	}
	if e.node.Born() && s.wire.err() == nil {
		ctx, cancel := context.WithTimeout(context.Background(), farewell)
		defer cancel()
		if err := e.publishDeath(ctx); err != nil {
			s.hangUp(false) // the broker publishes the will
			return
		}
	}
	// Only MQTT 5 has a goodbye after which the will is published: it is what there is of a death when no birth was.
	s.hangUp(e.node.Born() || s.target.five)
}

// say logs something once.
func (e *Edge) say(text string, args ...any) {
	key := fmt.Sprint(append([]any{text}, args...)...)
	if !e.logged[key] && len(e.logged) < 1000 {
		e.logged[key] = true
		e.s.o.Logger.Warn(text, args...)
	}
}
