package mqtt

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/cause"
	"tagbridge/sinks"
	"tagbridge/sinks/sparkplug"
)

// edgeTopic is a template that is never used: the topics are Sparkplug's.
var edgeTopic = func() mapping.Template {
	t, _ := mapping.ParseTemplate("spBv1.0")
	return t
}()

// disconnectWithWill is the reason code of a goodbye after which the broker publishes the will all the same (MQTT 5,
// 3.14.2.1), as tck-id-payloads-ndeath-will-message-publisher-disconnect-mqtt50 wants.
const disconnectWithWill = 4

// servers are the brokers, one of which the node is connected to.
type servers struct {
	list []*target
	at   int
}

// targets are the brokers of o, first of them the one that is known already.
func (o *EdgeOptions) targets(first *target) ([]*target, error) {
	list := []*target{first}
	for _, url := range o.URLs {
		next := o.Options
		next.URL = url
		next, err := next.withDefaults()
		if err != nil {
			return nil, err
		}
		t, err := next.target()
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, nil
}

// next turns to the next broker.
func (e *Edge) nextServer() {
	v := &e.servers
	v.at = (v.at + 1) % len(v.list)
	e.s.target = v.list[v.at]
}

// ready makes sure that there is a session, and that the primary host is online.
func (e *Edge) ready(ctx context.Context) error {
	s := e.s
	if s.session != nil && s.wire.err() != nil {
		s.lives.end(time.Now(), s.session.reason())
		s.hangUp(false)
	}
	if s.session != nil && e.host.awaited() && e.host.gone() && e.node.Born() {
		e.leave()
		e.nextServer()
	}
	if s.session == nil {
		if err := s.lives.wait(time.Now()); err != nil {
			return err
		}
		if err := e.connect(ctx); err != nil {
			if len(e.servers.list) > 1 {
				e.nextServer()
			}
			return err
		}
	}
	return e.awaitHost(ctx)
}

// connect opens a session and subscribes. Its will has a number that no connection before had.
func (e *Edge) connect(ctx context.Context) error {
	s := e.s
	w, err := s.target.dial(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", cause.Of(err))
	}
	number, err := e.bdSeq.next()
	if err != nil {
		e.say("the number of the last connection (bdSeq) cannot be kept: after a crash, hosts may take the old connection's end for that of the new one", "err", err)
	}
	e.node.Begin(number)
	e.host.forget()
	ear := newEar(s.target.five, e.hear)
	ear.write = w.packet
	w.in.ear = ear
	w.tell(func() {
		if !e.busy.Load() {
			e.want()
		}
	})
	l := login{
		clientID: s.o.ClientID, username: s.o.Username, password: s.o.Password, window: s.o.InFlight, timeout: s.o.Timeout,
		will: &will{topic: e.o.Sparkplug.DeathTopic(), payload: e.node.Death(), qos: 1}, leave: disconnectWithWill,
	}
	session, err := s.connect(ctx, w, l)
	if err != nil {
		return err
	}
	s.wire, s.session, s.proven = w, session, false
	s.lives.begin(time.Now())
	s.packet = s.packetLimit(session.limits())
	e.node.Limit = content(s.packet)
	if err := e.subscribe(ctx); err != nil {
		s.lives.end(time.Now(), err)
		s.hangUp(false)
		return err
	}
	return nil
}

// subscribe subscribes to commands and to the state of the primary host.
func (e *Edge) subscribe(ctx context.Context) error {
	filters := []string{e.o.Sparkplug.CommandTopic()}
	if e.host.awaited() {
		now, before := sparkplug.StateTopics(e.host.id)
		filters = append(filters, now, before)
	}
	packet, id := e.s.wire.in.ear.subscribe(filters...)
	if err := e.s.wire.packet(packet); err != nil {
		return err
	}
	code, err := e.s.reply(ctx, typeSuback, id)
	if err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	if code >= codeError {
		return &sinks.Fault{Action: sinks.Hold, Err: fmt.Errorf(
			"the broker does not let this client subscribe to %s: %s", strings.Join(filters, ", "), describe(code, ""))}
	}
	return nil
}

// hear takes what the broker sends: commands, and the state of the primary host. It is called by the goroutine that reads.
func (e *Edge) hear(topic, payload []byte, retained bool) {
	if string(topic) == e.o.Sparkplug.CommandTopic() {
		c, err := sparkplug.ParseCommand(payload)
		switch {
		case retained:
			e.s.o.Logger.Debug("retained command is left alone")
		case err != nil:
			e.s.o.Logger.Debug("command cannot be read", "err", err)
		case c.Rebirth:
			e.births.ask()
			e.want()
		}
		if c.Others > 0 {
			e.s.o.Logger.Debug("commands to write are left alone", "metrics", c.Others)
		}
		return
	}
	if e.host.hear(string(topic), payload) {
		e.want()
	}
}
