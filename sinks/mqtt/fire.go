package mqtt

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tagbridge/sinks"
)

// fire publishes v at QoS 0: what was written to the socket counts as delivered.
func (s *Sink) fire(ctx context.Context, v *sinks.View) (int, error) {
	w := s.wire // and not one that is dialed later: ctx may end as this returns
	stop := context.AfterFunc(ctx, func() { w.Close() })
	defer stop()
	s.begin(v, s.session.limits())
	done := 0
	for more := true; more; {
		var upTo int
		var refused error
		upTo, more, refused = s.volley(done)
		if err := s.land(); err != nil {
			if ctx.Err() == nil {
				s.lives.end(time.Now(), err)
			}
			s.hangUp(false)
			return done, err
		}
		if upTo > done {
			done = upTo
			v.Done(done)
		}
		if refused != nil {
			return done, refused
		}
	}
	return s.cutter.Done(), nil
}

// volley writes as many messages as the window has, of samples from done on. upTo is where the next one begins; with an
// error, that cannot be sent.
func (s *Sink) volley(done int) (upTo int, more bool, err error) {
	upTo = done
	w := &s.window
	w.head, w.n = 0, 0
	for w.n < len(w.slots) {
		m := &w.slots[w.n]
		if !s.next(m) {
			return upTo, false, nil
		}
		var no *refusal
		if m.settled && errors.As(m.verdict, &no) {
			return m.From, false, no.fault(m)
		}
		if m.settled && m.verdict != nil {
			s.unfit = append(s.unfit, m.From)
		}
		upTo = m.To
		if m.settled {
			continue
		}
		w.n++
		if err := s.session.publish(w.n-1, m); err != nil {
			return done, false, err
		}
	}
	return upTo, true, nil
}

// land returns when all of a volley has gone out to the socket.
func (s *Sink) land() error {
	for i := range s.window.n {
		select {
		case <-s.session.answered(i):
		case <-s.wire.gone:
			return s.wire.err()
		}
		if err := s.session.verdict(i); err != nil {
			return err
		}
	}
	if err := s.wire.flush(); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}
