package mqtt

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tagbridge/sinks"
)

// window is the messages under way: a ring, the oldest at head. It keeps their memory.
type window struct {
	slots   []outgoing
	head, n int
}

func (w *window) at(i int) int { return (w.head + i) % len(w.slots) }

// errSilent is the end of a connection whose broker has stopped to answer.
var errSilent = errors.New("no acknowledgement")

// deliver publishes v at QoS 1. It returns how many samples from the start are acknowledged, and why not all.
func (s *Sink) deliver(ctx context.Context, v *sinks.View) (int, error) {
	limit := s.session.limits()
	s.begin(v, limit)
	w := &s.window
	w.head, w.n = 0, 0
	done, more := 0, true
	for {
		for more && w.n < s.suspect.flight(limit.inFlight) {
			if more = s.next(&w.slots[w.at(w.n)]); !more {
				break
			}
			w.n++
			if err := s.launch(w.at(w.n - 1)); err != nil {
				s.salvage(ctx, err)
				return done, err
			}
		}
		if w.n == 0 {
			return s.cutter.Done(), nil
		}
		var err error
		if done, err = s.collect(ctx, done); err != nil {
			return done, err
		}
		v.Done(done) // before anything else is under way: so that no more than a window ever comes twice
	}
}

// collect waits for the verdict on the oldest message, and takes those that are there already behind it. done is how many
// samples were acknowledged before.
func (s *Sink) collect(ctx context.Context, done int) (int, error) {
	w := &s.window
	verdict := s.await(ctx, w.head)
	for {
		m := &w.slots[w.head]
		var no *refusal
		switch {
		case verdict == errUnfit: // it is ours, and never wrapped
			s.unfit = append(s.unfit, m.From)
		case errors.As(verdict, &no):
			w.head, w.n = w.at(1), w.n-1
			s.settleRest(ctx)
			return m.From, no.fault(m)
		case verdict != nil:
			s.salvage(ctx, verdict)
			return done, verdict
		default:
			s.proven = true
			s.suspect.taken(m)
		}
		done = m.To
		w.head, w.n = w.at(1), w.n-1
		if w.n == 0 {
			return done, nil
		}
		var there bool
		if verdict, there = s.answer(w.head); !there {
			return done, nil
		}
	}
}

// fault is what to do about m, which was refused.
func (r *refusal) fault(m *outgoing) error {
	if r.busy {
		return &sinks.Fault{Action: sinks.Retry, Err: fmt.Errorf("publish to %s: %w", m.Topic.Name, r)}
	}
	return &sinks.Fault{Action: sinks.Refuse, Refused: m.Refused(), Err: fmt.Errorf("publish to %s: %w", m.Topic.Name, r)}
}

// launch sends the message of slot, unless its verdict is known.
func (s *Sink) launch(slot int) error {
	m := &s.window.slots[slot]
	if len(s.ahead) > 0 && !m.settled {
		s.ahead.settle(m)
	}
	if !m.settled {
		m.verdict = s.suspect.verdict(m)
		m.settled = m.verdict != nil
	}
	if m.settled {
		return nil
	}
	return s.session.publish(slot, m)
}

// answer is the verdict on slot, if it is there.
func (s *Sink) answer(slot int) (verdict error, there bool) {
	m := &s.window.slots[slot]
	if m.settled {
		return m.verdict, true
	}
	select {
	case <-s.session.answered(slot):
		return s.session.verdict(slot), true
	default:
		return nil, false
	}
}

// await waits for the verdict on slot. While messages still go out, or are answered, it waits on.
func (s *Sink) await(ctx context.Context, slot int) error {
	if verdict, there := s.answer(slot); there {
		return verdict
	}
	answered := s.session.answered(slot)
	sent := s.wire.progress()
	s.timer.Reset(s.o.Timeout)
	for {
		select {
		case <-answered:
			return s.session.verdict(slot)
		case <-s.wire.gone:
			return s.lastWord(slot)
		case <-ctx.Done():
			return ctx.Err()
		case <-s.timer.C:
			now := s.wire.progress()
			if now == sent {
				return fmt.Errorf("%w within %s", errSilent, s.o.Timeout)
			}
			sent = now
			if s.view != nil {
				s.view.Moved()
			}
			s.timer.Reset(s.o.Timeout)
		}
	}
}

// settleRest waits until the broker has answered what is behind a refused message, and notes it.
func (s *Sink) settleRest(ctx context.Context) {
	w := &s.window
	for ; w.n > 0; w.head, w.n = w.at(1), w.n-1 {
		verdict := s.await(ctx, w.head)
		var no *refusal
		if w := verdict; w != nil && w != errUnfit && !errors.As(w, &no) {
			s.salvage(ctx, verdict)
			return
		}
		s.note(w.head, verdict)
	}
}

// lastWord is the verdict on slot now that the connection has ended.
func (s *Sink) lastWord(slot int) error {
	select {
	case <-s.session.answered(slot):
		return s.session.verdict(slot)
	default:
		return s.wire.err()
	}
}

// salvage ends the session, which has failed because of err, and notes what of the window the broker has answered all the
// same.
func (s *Sink) salvage(ctx context.Context, err error) {
	w := &s.window
	if ctx.Err() == nil {
		s.broke(err)
	}
	s.session.close(false)
	for ; w.n > 0; w.head, w.n = w.at(1), w.n-1 {
		m := &w.slots[w.head]
		verdict := m.verdict
		if !m.settled {
			verdict = s.lastWord(w.head)
		}
		var no *refusal
		if verdict == nil || errors.As(verdict, &no) {
			s.note(w.head, verdict)
		}
		m.Payload = nil // the client may still look at it
	}
	s.session = nil
}

// broke notes that the broker has ended the session, or left it without an answer, and what was under way then.
func (s *Sink) broke(err error) {
	w, now := &s.window, time.Now()
	if w.n > 0 && s.suspect.ended(&w.slots[w.head], w.n, len(w.slots), s.proven) {
		s.lives.endSuspect(now, err)
		return
	}
	s.lives.end(now, err)
}

// note keeps a verdict for the time when the forwarder comes again with the samples of slot.
func (s *Sink) note(slot int, verdict error) {
	m := &s.window.slots[slot]
	var no *refusal
	if errors.As(verdict, &no) && no.busy || verdict == errUnfit {
		return // to be sent again, or found out again
	}
	s.ahead.note(m, verdict)
}
