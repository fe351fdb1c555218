package nats

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"tagbridge/sinks"
	"tagbridge/sinks/message"
)

// flight is a message on its way to the stream.
type flight struct {
	message.Message
	device, tag string
	future      jetstream.PubAckFuture // nil: it was not sent
	settled     bool                   // verdict is known
	verdict     error                  // nil: it was taken
}

// window is the messages under way: a ring, the oldest at head. It keeps their memory.
type window struct {
	slots   []flight
	head, n int
}

func (w *window) at(i int) int { return (w.head + i) % len(w.slots) }

// forget lets go of what was under way. The library may still look at it.
func (w *window) forget() {
	for ; w.n > 0; w.head, w.n = w.at(1), w.n-1 {
		m := &w.slots[w.head]
		m.Payload, m.future = nil, nil
	}
}

// deliver publishes v. It returns how many samples from the start are acknowledged, and why not all.
func (s *Sink) deliver(ctx context.Context, v *sinks.View) (int, error) {
	n := s.session
	stop := context.AfterFunc(ctx, func() { n.line.Close() }) // or a write could go on
	defer stop()
	s.cutter.Begin(v)
	w := &s.window
	w.head, w.n = 0, 0
	done, more, staged := 0, true, false
	for {
		for more && w.n < s.flights() {
			m := &w.slots[w.at(w.n)]
			if !staged {
				if more = s.next(m); !more {
					break
				}
			}
			if staged = s.conflicts(m); staged {
				break
			}
			w.n++
			if err := s.launch(ctx, m); err != nil {
				s.moveOn()
				return done, err
			}
		}
		if w.n == 0 {
			return s.cutter.Done(), nil
		}
		m := &w.slots[w.head]
		if err := s.await(ctx, m); err != nil {
			return done, s.failed(done, m, err)
		}
		done = m.To
		w.head, w.n = w.at(1), w.n-1
		v.Done(done)
	}
}

// flights is how many messages may be under way.
func (s *Sink) flights() int {
	if s.careful {
		return 1
	}
	return len(s.window.slots)
}

// next makes the next message of the view in m; false: there is none.
func (s *Sink) next(m *flight) bool {
	size := s.session.content
	if s.most > 0 {
		size = min(size, s.most)
	}
	s.cutter.Limits = message.Limits{Size: s.session.content, Try: size}
	if !s.cutter.Next(&m.Message) {
		return false
	}
	m.device, m.tag = m.ID.Start.Series()
	m.future, m.settled, m.verdict = nil, m.Skip != 0, nil
	switch m.Skip {
	case message.Unfit:
		s.unfit = append(s.unfit, m.From)
	case message.TooLarge:
		m.verdict = &sinks.Fault{Action: sinks.Refuse, Refused: m.Refused(), Err: fmt.Errorf("publish to %s: the message has %d bytes, the server takes %d",
			m.Topic.Name, m.Size(), s.session.content)}
	}
	return true
}

// conflicts reports that a message of one of m's series is under way: see the package.
func (s *Sink) conflicts(m *flight) bool {
	w := &s.window
	for i := range w.n {
		other := &w.slots[w.at(i)]
		if other.device != m.device || s.single && other.tag != m.tag {
			continue
		}
		if s.look(other); !other.settled || other.verdict != nil {
			return true
		}
	}
	return false
}

// launch publishes m, unless its verdict is known.
func (s *Sink) launch(ctx context.Context, m *flight) error {
	if m.settled {
		return nil
	}
	before := s.session.line.moved.Load()
	header := nats.Header{}
	if id := s.session.ident(s.view, &m.Message); id != "" {
		header[jetstream.MsgIDHeader] = []string{id}
	}
	if s.o.Stream != "" {
		header[jetstream.ExpectedStreamHeader] = []string{s.o.Stream}
	}
	if c := s.o.Compress; c != "" && c != "none" {
		header["Content-Encoding"] = []string{c}
	}
	future, err := s.session.js.PublishMsgAsync(
		&nats.Msg{Subject: m.Topic.Name, Data: m.Payload, Header: header}, jetstream.WithRetryAttempts(0))
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil && s.session.ended():
		return s.session.lost()
	case err != nil:
		return fmt.Errorf("publish to %s: %s", m.Topic.Name, bare(err))
	}
	if s.session.line.moved.Load() != before {
		s.view.Moved()
	}
	m.future = future
	return nil
}

// look notes m's verdict, if it is there.
func (s *Sink) look(m *flight) {
	if m.settled {
		return
	}
	select {
	case ack := <-m.future.Ok():
		s.settle(m, s.acknowledged(m, ack))
	case err := <-m.future.Err():
		s.settle(m, s.answerFault(m, err))
	default:
	}
}

func (s *Sink) settle(m *flight, verdict error) {
	m.settled, m.verdict = true, verdict
	if verdict == nil {
		s.careful, s.session.proven, s.took = false, true, time.Now()
		s.passed = max(s.passed, m.Size())
	}
}

// silent is how a session ends whose server acknowledges nothing.
type silent struct{ error }

// await waits for the verdict on m. While messages still go out it waits on.
func (s *Sink) await(ctx context.Context, m *flight) error {
	if s.look(m); m.settled {
		return m.verdict
	}
	n := s.session
	sent := n.line.moved.Load()
	s.timer.Reset(s.o.Timeout)
	defer s.timer.Stop()
	for {
		select {
		case ack := <-m.future.Ok():
			s.settle(m, s.acknowledged(m, ack))
			return m.verdict
		case err := <-m.future.Err():
			s.settle(m, s.answerFault(m, err))
			return m.verdict
		case <-n.denied:
			return n.why
		case <-n.gone:
			if s.look(m); m.settled {
				return m.verdict
			}
			return n.lost()
		case <-ctx.Done():
			return ctx.Err()
		case <-s.timer.C:
			now := n.line.moved.Load()
			if now == sent {
				return silent{s.unanswered(m)}
			}
			sent = now
			s.view.Moved()
			s.timer.Reset(s.o.Timeout)
		}
	}
}

// unanswered is the error of a message that nobody acknowledged.
func (s *Sink) unanswered(m *flight) error {
	if s.session.proven {
		return fmt.Errorf("publish to %s: no acknowledgement within %s", m.Topic.Name, s.o.Timeout)
	}
	return fmt.Errorf("publish to %s: no acknowledgement within %s: is there a stream that takes this subject, or do others only listen to it?",
		m.Topic.Name, s.o.Timeout.Round(time.Second))
}

// failed is what to do about m, the oldest message under way, for which err stands. The session ends, unless err is the
// stream's answer.
func (s *Sink) failed(done int, m *flight, err error) error {
	if m.settled {
		return err
	}
	w := &s.window
	_, wasSilent := err.(silent) //nolint:errorlint // it is never wrapped
	if s.session.ended() && !wasSilent {
		last := &w.slots[w.at(w.n-1)]
		var held *sinks.Fault
		if f, ok := err.(*sinks.Fault); ok { //nolint:errorlint // it is never wrapped
			held = f
		} else {
			held = &sinks.Fault{Action: sinks.Retry, Suspect: max(last.To, done+1) - done, Answered: s.session.proven, Err: err}
		}
		err = held
	}
	s.moveOn()
	return err
}
