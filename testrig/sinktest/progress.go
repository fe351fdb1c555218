package sinktest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"tagbridge/sinks"
)

// progress delivers with a real forwarder, which acknowledges to its log what the sink calls through while Send goes on:
// that must have been taken by then.
func progress(t *trial) error {
	l := &log{trial: t, items: rounds(rand.New(rand.NewPCG(8, 8)), 3, 5, 30)}
	t.expect(l.items)
	f := sinks.NewForwarder(sinks.ForwarderOptions{Name: "test", Log: l, Sink: t.sink})
	ctx, cancel := context.WithTimeout(context.Background(), t.patience)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	if err := f.Drain(ctx); err != nil {
		return fmt.Errorf("not all was delivered: %w", err)
	}
	if err := <-ended; err != nil {
		return err
	}
	if l.wrong != nil {
		return l.wrong
	}
	if l.acked != l.End() {
		return fmt.Errorf("acknowledged were %d of %d samples", l.acked, l.End())
	}
	return t.settled(outcome{all: true, once: true})
}

// log is a sinks.Log that holds items, and checks what is acknowledged.
type log struct {
	*trial
	items []item
	acked sinks.Pos
	wrong error
}

// Next implements sinks.Log.
func (l *log) Next(ctx context.Context, p sinks.Pos, q sinks.Query, v *sinks.View) (sinks.Pos, error) {
	v.Reset()
	if p >= l.End() && q.Flush > 0 {
		timer := time.NewTimer(q.Flush)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return p, ctx.Err()
		}
	}
	for ; p < l.End() && v.Len() < q.Max; p++ {
		b, _ := l.items[p].batch()
		v.AppendFrom(p, b, q.Match)
	}
	return p, nil
}

// Ack implements sinks.Log.
func (l *log) Ack(_ string, p sinks.Pos, _ sinks.Dealt) error {
	taken, err := l.peer.Taken()
	if err != nil {
		return err
	}
	arrived := make(map[Sample]bool, len(taken))
	for _, s := range taken {
		arrived[s] = true
	}
	for i := range l.items[:p] {
		if s := l.items[i].sample(); !arrived[s] && l.wrong == nil {
			l.wrong = fmt.Errorf("%d samples are called through, and sample %d, %v, was not taken", p, i, s)
		}
	}
	l.acked = max(l.acked, p)
	return nil
}

// End implements sinks.Log.
func (l *log) End() sinks.Pos { return sinks.Pos(len(l.items)) }
