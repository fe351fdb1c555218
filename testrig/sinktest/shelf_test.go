package sinktest

import (
	"context"
	"errors"
	"sync"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// shelf is a peer in memory, and the sinks that deliver to it.
type shelf struct {
	mu      sync.Mutex
	taken   []Sample
	refused string
	falter  bool
	asked   int
	silent  chan struct{} // closed when it speaks again; nil: it does
	reached chan struct{}
	closed  chan struct{} // see never
}

var (
	errDown    = errors.New("the shelf is out of order")
	errRefused = errors.New("not on this shelf")
)

// peer is s as a Peer for sinks that open makes.
func (s *shelf) peer(open func(*shelf) sinks.Sink) *Peer {
	return &Peer{
		Open: func() (sinks.Sink, error) { return open(s), nil },
		Taken: func() ([]Sample, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			return append([]Sample(nil), s.taken...), nil
		},
		Silence: func() <-chan struct{} {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.silent, s.reached = make(chan struct{}), make(chan struct{})
			return s.reached
		},
		Falter: func() { s.set(func() { s.falter = true }) },
		Refuse: func(tag string) { s.set(func() { s.refused = tag }) },
		Recover: func() {
			s.set(func() {
				if s.silent != nil {
					close(s.silent)
				}
				s.silent, s.falter, s.refused = nil, false, ""
			})
		},
		Close: func() {},
	}
}

func (s *shelf) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// never is closed when the test is over.
func (s *shelf) never() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed == nil {
		s.closed = make(chan struct{})
	}
	return s.closed
}

// end ends what waits for never.
func (s *shelf) end() {
	s.never()
	close(s.closed)
}

// put is the request of a sink; it returns when the shelf answers.
func (s *shelf) put(ctx context.Context, b *mapping.Batch, i int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if silent := s.silent; silent != nil {
		select {
		case <-s.reached:
		default:
			close(s.reached)
		}
		s.mu.Unlock()
		select {
		case <-silent:
		case <-ctx.Done():
		}
		s.mu.Lock()
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	x := Sample{b.Group.Device, b.Group.Series[b.Samples[i].Index].Tag, b.Samples[i].Time, valueOf(b, &b.Samples[i])}
	s.asked++
	switch {
	case s.falter && s.asked%7 == 0:
		return errDown
	case s.falter && s.asked%11 == 0: // it takes it, and cannot say so
		s.taken = append(s.taken, x)
		return errDown
	case s.refused == x.Tag:
		return errRefused
	}
	s.taken = append(s.taken, x)
	return nil
}

// plain is a sink as it should be.
type plain struct{ shelf *shelf }

// Send implements sinks.Sink.
func (p *plain) Send(ctx context.Context, v *sinks.View) (n int, err error) {
	for k := range v.Batches {
		b := &v.Batches[k]
		for i := range b.Samples {
			switch err := p.shelf.put(ctx, b, i); {
			case errors.Is(err, errRefused):
				return n, &sinks.Fault{Action: sinks.Refuse, Refused: 1, Err: err}
			case err != nil:
				return n, err
			}
			n++
			v.Done(n)
		}
	}
	return n, nil
}

// Close implements sinks.Sink.
func (p *plain) Close() error { return nil }
