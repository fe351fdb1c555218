package mqtt

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
	"tagbridge/sinks/message"
)

// Home is a Sink that tells Home Assistant of the tags that it publishes. It is a sinks.Restless: Home Assistant may begin to
// listen at any time. What it is told counts for nothing in what is delivered, and a broker that does not take it is sent the
// values all the same.
type Home struct {
	*Sink
}

var _ sinks.Restless = Home{}

// OpenHome makes a sink as Open does, with o.Discovery.
func OpenHome(o Options) (Home, error) {
	s, err := Open(o)
	if err != nil {
		return Home{}, err
	}
	s.home = newHome(&s.o, s.target.url.Host)
	return Home{s}, nil
}

// Wants implements sinks.Restless.
func (h Home) Wants() <-chan struct{} { return h.home.wants }

// Tend implements sinks.Restless: it tells all again that Home Assistant asks for. Without a connection, the next one does; one
// is made when there is something to be taken back, as there may be no samples any more.
func (h Home) Tend(ctx context.Context) error {
	s := h.Sink
	if s.session == nil || s.wire.err() != nil {
		if len(h.home.kept.topics) == 0 || h.home.swept {
			return nil
		}
		if err := s.ready(ctx); err != nil {
			return s.fault(ctx, err)
		}
	}
	if err := s.guide(ctx, new(sinks.View)); err != nil {
		return s.fault(ctx, err)
	}
	return nil
}

// Close implements sinks.Sink.
func (h Home) Close() error {
	h.home.alarm.Stop()
	return h.Sink.Close()
}

// The pauses: how often all is told again at most, and how long nothing is told when connections end for it.
const (
	homePause = 10 * time.Second
	homeOff   = time.Hour
)

// want has Tend be called.
func (h *home) want() {
	select {
	case h.wants <- struct{}{}:
	default:
	}
}

// status is where Home Assistant says that it begins to listen.
func (h *home) status() string { return h.o.Prefix + "/status" }

// hear takes what the broker sends. It is called by the goroutine that reads. What was retained is of before this session, in
// which all is told anyway.
func (h *home) hear(topic, payload []byte, retained bool) {
	if string(topic) == h.status() && string(payload) == online && !retained {
		h.asked.Store(true)
		h.want()
	}
}

// due reports that all is to be told again now; when it is not yet, it is wanted then.
func (h *home) due(now time.Time) bool {
	if !h.asked.Load() {
		return false
	}
	if left := h.last.Add(homePause).Sub(now); left > 0 {
		h.alarm.Reset(left)
		return false
	}
	return true
}

// listen makes w hear what Home Assistant says; nothing has been read from it yet.
func (h *home) listen(w *wire, five bool) {
	w.in.ear = newEar(five, h.hear)
	w.in.ear.write = w.packet
	h.session++
}

// greet subscribes to what Home Assistant says. A broker that does not let this client is sent everything all the same.
func (s *Sink) greet(ctx context.Context) error {
	h := s.home
	if h.o.Prefix == "" || time.Now().Before(h.off) {
		return nil
	}
	packet, id := s.wire.in.ear.subscribe(h.status())
	err := s.wire.packet(packet)
	var code byte
	if err == nil {
		code, err = s.reply(ctx, typeSuback, id)
	}
	if err != nil {
		return s.unheard(ctx, fmt.Errorf("subscribe to %s: %w", h.status(), err))
	}
	if code >= codeError {
		s.unwanted(h.status(), errors.New("subscribe: "+describe(code, "")))
	}
	return nil
}

// guide tells Home Assistant what it has to know before v goes out.
func (s *Sink) guide(ctx context.Context, v *sinks.View) error {
	h, now := s.home, time.Now()
	if now.Before(h.off) {
		return nil
	}
	topic := func(g *mapping.Group, i uint16) string { return s.cutter.Topic(g, i).Name }
	h.list = h.list[:0]
	all := h.due(now)
	if all {
		h.asked.Store(false)
		h.last = now
		h.again(topic)
	}
	h.sweep(now)
	if h.o.Prefix != "" {
		h.look(now, topic)
		h.gather(v, topic)
	}
	if len(h.list) == 0 {
		return nil
	}
	s.keep(func(c *homeConfig) {
		if c.payload != "" {
			h.kept.add(c)
		}
	})
	s.view = v
	err := s.tell(ctx, h.list)
	s.view = nil
	if err == nil {
		s.keep(func(c *homeConfig) {
			if c.payload == "" {
				h.kept.remove(c.topic)
			}
		})
	}
	clear(h.list)
	if err != nil {
		if all {
			h.last = time.Time{}
			h.asked.Store(true)
		}
		return s.unheard(ctx, err)
	}
	h.ends = 0
	return nil
}

// keep has note notice each of what is told, and brings what that changes to disk.
func (s *Sink) keep(note func(*homeConfig)) {
	h := s.home
	for _, c := range h.list {
		note(c)
	}
	if err := h.kept.write(); err != nil && !h.unkept {
		h.unkept = true
		s.o.Logger.Warn("what Home Assistant is told cannot be kept: of a tag that is taken out while the bridge is off, it stays", "err", err)
	}
}

// tell publishes list, and waits until the broker has answered all of it.
func (s *Sink) tell(ctx context.Context, list []*homeConfig) error {
	w, l := &s.window, s.session.limits()
	w.head, w.n = 0, 0
	for len(list) > 0 || w.n > 0 {
		for len(list) > 0 && w.n < l.inFlight {
			c := list[0]
			list = list[1:]
			m := &w.slots[w.at(w.n)]
			*m = outgoing{retain: l.retain, once: true}
			m.Topic, m.Payload = &message.Topic{Name: c.topic}, []byte(c.payload)
			if limit := s.packetLimit(l); limit > 0 && m.size() > limit {
				s.unwanted(c.topic, fmt.Errorf("the message has %d bytes, the broker takes %d", m.size(), limit))
				continue
			}
			w.n++
			if err := s.session.publish(w.at(w.n-1), m); err != nil {
				return err
			}
		}
		if w.n == 0 {
			return nil
		}
		err := s.await(ctx, w.head)
		var no *refusal
		if errors.As(err, &no) {
			s.unwanted(w.slots[w.head].Topic.Name, err)
		} else if err != nil {
			return err
		}
		w.head, w.n = w.at(1), w.n-1
		if s.view != nil {
			s.view.Moved()
		}
	}
	return nil
}

// unheard ends the session, which has failed because of err while Home Assistant was told. When that happens again, nothing is
// told for a while: a broker of 3.1.1 ends the connection for what it does not take.
func (s *Sink) unheard(ctx context.Context, err error) error {
	h, w := s.home, &s.window
	w.n = 0
	for i := range w.slots {
		w.slots[i].Payload = nil // the client may still look at it
	}
	if ctx.Err() == nil {
		if h.ends++; h.ends >= endsProven {
			h.ends, h.off = 0, time.Now().Add(homeOff)
			s.o.Logger.Warn("Home Assistant is told nothing for an hour: the connection ended each time that it was", "err", s.hide(err.Error()))
		}
	}
	s.salvage(ctx, err)
	return err
}

// unwanted logs, once, that the broker does not take what Home Assistant is told.
func (s *Sink) unwanted(topic string, err error) {
	if s.home.logged {
		return
	}
	s.home.logged = true
	s.o.Logger.Warn("the broker does not take what Home Assistant is to be told", "topic", topic, "err", s.hide(err.Error()))
}
