package mqtt

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tagbridge/sinks"
	"tagbridge/sinks/message"
	"tagbridge/sinks/sparkplug"
)

// Sizes of what is published.
const (
	volleyBytes  = 64 << 10    // of data until the broker is asked whether it has read all of it
	messageBytes = 32 << 10    // of a message of data
	joinTypes    = time.Second // births for types that were not known before are as far apart
)

// publish publishes what the node makes, volley after volley, and returns how many samples of v the broker has read. Births go
// out in one volley, however large: so that nobody waits for them longer than the line takes.
func (e *Edge) publish(ctx context.Context, v *sinks.View) (done int, err error) {
	s := e.s
	s.view = v
	defer func() { s.view = nil }()
	if v.Introduces() {
		e.births.made = time.Now()
	}
	for {
		n, more, err := e.volley(v.Introduces())
		if err == nil && n > 0 {
			err = e.fence(ctx)
		}
		e.sayRefused()
		if err != nil {
			return done, e.broke(ctx, v, done, err)
		}
		s.proven = s.proven || n > 0
		e.most = min(2*e.most, len(s.window.slots))
		if done = e.node.Done(); !v.Introduces() && done > 0 {
			v.Done(done)
		}
		switch {
		case e.node.Asks() != 0:
			return done, e.ask(ctx)
		case more && !v.Introduces() && e.due():
			return done, e.introduction()
		case more:
		case !e.node.Born():
			return 0, &sinks.Fault{Action: sinks.Hold, Err: errBirthTooLarge}
		default:
			if !v.Introduces() && v.Len() > 0 && e.node.Bury() {
				e.later.Reset(time.Second)
			}
			return done, nil
		}
	}
}

// errBirthTooLarge is the reason for which nothing can be published.
var errBirthTooLarge = errors.New("the birth of the node is larger than a message to the broker may be (max_packet): " +
	"take fewer devices into one sink, or have the broker take larger messages")

// volley publishes messages until a volley is full, or a host asks for births. n is how many; more: there may be others.
func (e *Edge) volley(births bool) (n int, more bool, err error) {
	s := e.s
	m := &s.window.slots[0]
	size := 0
	e.node.Limit, e.node.Enough = content(s.packet), messageBytes
	for births || n < e.most && size < volleyBytes && !e.due() {
		if !e.node.Next(&m.Message) {
			return n, false, nil
		}
		if err := e.send(m); err != nil {
			return n, false, err
		}
		n, size = n+1, size+m.size()
	}
	return n, true, nil
}

// send writes m to the connection.
func (e *Edge) send(m *outgoing) error {
	s := e.s
	m.retain = false
	err := s.session.publish(0, m)
	if err == nil {
		select {
		case <-s.session.answered(0):
			err = s.session.verdict(0)
		case <-s.wire.gone:
			err = s.wire.err()
		}
	}
	if err != nil {
		m.Payload = nil // the client may still look at it
	}
	return err
}

// fence returns when the broker has read everything that was sent. What is published at QoS 0 is not acknowledged, but a broker
// takes the packets of a connection in turn: it answers an UNSUBSCRIBE after it has read what was sent before. Nobody has
// subscribed to that filter, nobody needs a right for it, and nothing changes by it.
func (e *Edge) fence(ctx context.Context) error {
	packet, id := e.s.wire.in.ear.unsubscribe(e.o.Sparkplug.FenceTopic())
	if err := e.s.wire.packet(packet); err != nil {
		return err
	}
	_, err := e.s.reply(ctx, typeUnsuback, id)
	return err
}

// broke ends the session, which has failed because of err with messages of v under way. When it is ctx that has ended, the
// session goes on: there is still a death to be published.
func (e *Edge) broke(ctx context.Context, v *sinks.View, done int, err error) error {
	s := e.s
	if ctx.Err() != nil {
		return ctx.Err()
	}
	under := e.node.Done() - done
	e.most = max(e.most/2, 1) // where connections live for a few messages, some are to be through by then
	s.lives.end(time.Now(), err)
	s.hangUp(false)
	switch {
	case v.Introduces():
		return fmt.Errorf("births: %w", err)
	case under > 0:
		return &sinks.Fault{Action: sinks.Retry, Suspect: under, Answered: s.proven, Err: err}
	}
	return err
}

// ask asks for the present values, as the node does. What it does because of a type is joined: the types of a server of
// OPC UA come one after the other.
func (e *Edge) ask(ctx context.Context) error {
	if left := time.Until(e.births.made.Add(joinTypes)); e.node.Asks() == sparkplug.AskType && left > 0 {
		timer := time.NewTimer(left)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-e.s.wire.gone:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	all := e.births.take()
	return &sinks.Fault{Action: sinks.Introduce, Sure: true, Partial: !all, Err: errIntroduce}
}

// publishDeath publishes the death of the node.
func (e *Edge) publishDeath(ctx context.Context) error {
	m := &e.s.window.slots[0]
	m.Topic, m.Payload = &message.Topic{Name: e.o.Sparkplug.DeathTopic()}, e.node.Death()
	if err := e.send(m); err != nil {
		return err
	}
	return e.fence(ctx)
}

// sayRefused logs births that were not made.
func (e *Edge) sayRefused() {
	for _, r := range e.node.Refused() {
		if r.Device != "" {
			e.say("a device is not published: its birth is larger than a message to the broker may be (max_packet)",
				"device", r.Device, "bytes", r.Size, "limit", e.s.packet)
		}
	}
}
