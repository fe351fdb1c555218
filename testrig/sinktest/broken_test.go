package sinktest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// TestGoodSink has a sink pass that is as it should be.
func TestGoodSink(t *testing.T) {
	Run(t, func() (*Peer, error) { return new(shelf).peer(func(s *shelf) sinks.Sink { return &plain{s} }), nil })
}

// broken is a sink with a fault: what is nil is as it should be.
type broken struct {
	plain
	send  func(b *broken, ctx context.Context, v *sinks.View) (int, error)
	close func(b *broken) error
	kept  []mapping.Batch
	calls int
}

func (b *broken) Send(ctx context.Context, v *sinks.View) (int, error) {
	if b.calls++; b.send == nil {
		return b.plain.Send(ctx, v)
	}
	return b.send(b, ctx, v)
}

func (b *broken) Close() error {
	if b.close == nil {
		return nil
	}
	return b.close(b)
}

// kinds are what a sink can do wrong, and the checks that must see it.
var kinds = []struct {
	name   string
	waits  bool // it is caught by waiting for it in vain
	caught []string
	send   func(b *broken, ctx context.Context, v *sinks.View) (int, error)
	close  func(b *broken) error
}{
	{name: "keeps lent memory", caught: []string{"order"}, send: func(b *broken, ctx context.Context, v *sinks.View) (int, error) {
		kept := sinks.View{Batches: b.kept}
		b.kept = slices.Clone(v.Batches) // and not their samples
		if _, err := b.plain.Send(ctx, &kept); err != nil {
			return 0, err
		}
		return b.plain.Send(ctx, v)
	}},
	{name: "counts what was not taken", caught: []string{"faults"}, send: func(b *broken, ctx context.Context, v *sinks.View) (int, error) {
		n, err := b.plain.Send(ctx, v)
		if errors.Is(err, errDown) {
			return n + 1, err
		}
		return n, err
	}},
	{name: "counts all at once", caught: []string{"faults"}, send: func(b *broken, ctx context.Context, v *sinks.View) (int, error) {
		n, err := b.plain.Send(ctx, v)
		if errors.Is(err, errDown) {
			return v.Len(), nil
		}
		return n, err
	}},
	{name: "ignores the context", waits: true, caught: []string{"ended in mid-call"}, send: func(b *broken, _ context.Context, v *sinks.View) (int, error) {
		return b.plain.Send(context.Background(), v)
	}},
	{name: "swallows why it ended", caught: []string{"ended in mid-call"}, send: func(b *broken, ctx context.Context, v *sinks.View) (int, error) {
		n, err := b.plain.Send(ctx, v)
		if ctx.Err() != nil {
			return n, errDown
		}
		return n, err
	}},
	{name: "reorders", caught: []string{"order"}, send: func(b *broken, ctx context.Context, v *sinks.View) (int, error) {
		last := v.Slice(v.Len()/2, v.Len())
		if _, err := b.plain.Send(ctx, &last); err != nil {
			return 0, err
		}
		first := v.Slice(0, v.Len()/2)
		n, err := b.plain.Send(ctx, &first)
		if err != nil {
			return n, err
		}
		return v.Len(), nil
	}},
	{name: "skips what failed", caught: []string{"faults"}, send: func(b *broken, ctx context.Context, v *sinks.View) (n int, err error) {
		for n < v.Len() {
			rest := v.Slice(n, v.Len())
			part, err := b.plain.Send(ctx, &rest)
			if n += part; errors.Is(err, errDown) {
				n++
			} else if err != nil {
				return n, err
			}
		}
		return n, nil
	}},
	{name: "takes less without an error", caught: []string{"faults"}, send: func(b *broken, ctx context.Context, v *sinks.View) (int, error) {
		n, err := b.plain.Send(ctx, v)
		if errors.Is(err, errDown) {
			return n, nil
		}
		return n, err
	}},
	{name: "begins again at the start", caught: []string{"order"}, send: func(b *broken, ctx context.Context, v *sinks.View) (int, error) {
		if b.calls%3 == 0 {
			if n, err := b.plain.Send(ctx, v); err != nil {
				return n, err
			}
		}
		return b.plain.Send(ctx, v)
	}},
	{name: "refuses too much", caught: []string{"refusal"}, send: func(b *broken, ctx context.Context, v *sinks.View) (int, error) {
		n, err := b.plain.Send(ctx, v)
		if errors.Is(err, errRefused) {
			return n, &sinks.Fault{Action: sinks.Refuse, Refused: min(2, v.Len()-n), Err: err}
		}
		return n, err
	}},
	{name: "takes a refusal for an outage", caught: []string{"refusal"}, send: func(b *broken, ctx context.Context, v *sinks.View) (int, error) {
		n, err := b.plain.Send(ctx, v)
		if errors.Is(err, errRefused) {
			return n, errDown
		}
		return n, err
	}},
	{name: "cannot send nothing", caught: []string{"empty"}, send: func(b *broken, ctx context.Context, v *sinks.View) (int, error) {
		if v.Len() == 0 {
			return 0, errDown
		}
		return b.plain.Send(ctx, v)
	}},
	{name: "tells of progress too early", caught: []string{"progress"}, send: func(b *broken, ctx context.Context, v *sinks.View) (int, error) {
		v.Done(v.Len())
		return b.plain.Send(ctx, v)
	}},
	{name: "calls unfit what it wrote", caught: []string{"wide"}, send: func(b *broken, ctx context.Context, v *sinks.View) (int, error) {
		n, err := b.plain.Send(ctx, v)
		if n > 0 && err == nil {
			err = &sinks.Unfit{Places: []int{0}, Err: errRefused}
		}
		return n, err
	}},
	{name: "writes half a number", caught: []string{"wide"}, send: func(b *broken, ctx context.Context, v *sinks.View) (int, error) {
		for i := range v.Batches {
			for k := range v.Batches[i].Samples {
				if s := &v.Batches[i].Samples[k]; s.Kind == mapping.Uint64 {
					s.Bits = uint64(float64(s.Bits))
				}
			}
		}
		return b.plain.Send(ctx, v)
	}},
	{name: "loses the end of many", caught: []string{"many"}, send: func(b *broken, ctx context.Context, v *sinks.View) (int, error) {
		part := v.Slice(0, min(v.Len(), 4096))
		if n, err := b.plain.Send(ctx, &part); err != nil {
			return n, err
		}
		return v.Len(), nil
	}},
	{name: "leaves a goroutine", waits: true, caught: []string{"close"}, send: func(b *broken, ctx context.Context, v *sinks.View) (int, error) {
		go func() { <-b.plain.shelf.never() }()
		return b.plain.Send(ctx, v)
	}},
	{name: "cannot be closed twice", caught: []string{"close", "close unused"}, close: func(b *broken) error {
		if b.kept != nil {
			return errDown
		}
		b.kept = []mapping.Batch{}
		return nil
	}},
	{name: "cannot be closed", waits: true, caught: []string{"close unused"}, close: func(b *broken) error {
		<-b.plain.shelf.never()
		return nil
	}},
}

// TestBrokenSinks has each sink with a fault fail the checks that are about it.
func TestBrokenSinks(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			for _, c := range checks {
				if !slices.Contains(kind.caught, c.name) {
					continue
				}
				s, patience := new(shelf), 30*time.Second
				if kind.waits {
					patience = 200 * time.Millisecond
				}
				err := c.run(func() (*Peer, error) {
					return s.peer(func(s *shelf) sinks.Sink { return &broken{plain: plain{s}, send: kind.send, close: kind.close} }), nil
				}, patience)
				s.end()
				if err == nil {
					t.Errorf("it passes the check %s", c.name)
				} else {
					text, _, _ := strings.Cut(err.Error(), "\n")
					t.Logf("%s: %s", c.name, text)
				}
			}
		})
	}
}

// TestGoneSeesThroughNumbers has a goroutine of elsewhere end while one is left behind: there are as many as before.
func TestGoneSeesThroughNumbers(t *testing.T) {
	end, ended, leave := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() { defer close(ended); <-end }()
	before := goroutines()
	defer close(leave)
	go func() { <-leave }()
	close(end)
	<-ended
	left := newSince(before)
	if len(left) != 1 || !strings.Contains(left[0], "TestGoneSeesThroughNumbers") {
		t.Errorf("left are %q", left)
	}
	if err := (&trial{patience: time.Millisecond}).gone(before); err == nil {
		t.Error("none is left")
	}
	if err := (&trial{patience: time.Minute}).gone(goroutines()); err != nil {
		t.Error(err)
	}
}
