package sinktest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
)

// checks are the sentences of the contract.
var checks = []check{
	{"order", inOrder},
	{"empty", empty},
	{"wide", wide},
	{"many", many},
	{"faults", faults},
	{"refusal", refusal},
	{"progress", progress},
	{"ended before", endedBefore},
	{"ended in mid-call", endedMidCall},
	{"close unused", closeUnused},
	{"close", closeUsed},
}

// inOrder delivers to a peer that is well, view after view.
func inOrder(t *trial) error {
	r := rand.New(rand.NewPCG(1, 1))
	items := rounds(r, 3, 5, 40)
	for at := 0; at < len(items); {
		end := min(at+1+r.IntN(60), len(items))
		if n, fault, err := t.send(items[at:end]); err != nil || fault != nil {
			return fmt.Errorf("send = %d of %d: %w", n, end-at, errors.Join(err, faultError(fault)))
		}
		at = end
	}
	return t.settled(outcome{all: true, once: true})
}

// empty sends nothing, before anything else and after it.
func empty(t *trial) error {
	items := rounds(rand.New(rand.NewPCG(2, 2)), 2, 2, 2)
	for range 2 {
		for _, part := range [][]item{nil, items, nil} {
			if n, fault, err := t.send(part); err != nil || fault != nil || n != len(part) {
				return fmt.Errorf("send of %d = %d: %w", len(part), n, errors.Join(err, faultError(fault)))
			}
		}
		for i := range items {
			items[i].s.Time += 100 * second
		}
	}
	return t.settled(outcome{all: true, once: true})
}

// faults delivers to a peer that fails now and then.
func faults(t *trial) error {
	if t.peer.Falter == nil {
		return fmt.Errorf("%w fail now and then", errCannot)
	}
	r := rand.New(rand.NewPCG(3, 3))
	items := rounds(r, 3, 4, 25)
	t.peer.Falter()
	for at := 0; at < len(items); {
		end := min(at+20+r.IntN(60), len(items))
		refused, err := t.deliver(items[at:end], 40)
		if err != nil {
			return err
		}
		if len(refused) > 0 {
			return fmt.Errorf("%v were refused by a peer that was out of order", refused)
		}
		at = end
	}
	if t.failed == 0 {
		return errors.New("the peer did not fail: this shows nothing")
	}
	return t.settled(outcome{all: true})
}

// refusal delivers to a peer that will never take the samples of one tag.
func refusal(t *trial) error {
	if t.peer.Refuse == nil {
		return fmt.Errorf("%w refuse", errCannot)
	}
	items := rounds(rand.New(rand.NewPCG(4, 4)), 2, 6, 5)
	if n, fault, err := t.send(items[:12]); err != nil || fault != nil { // so that the sink knows that the peer is well
		return fmt.Errorf("send = %d of 12: %w", n, errors.Join(err, faultError(fault)))
	}
	t.peer.Refuse("t4")
	refused, err := t.deliver(items[12:], 30)
	if err != nil {
		return err
	}
	var want []Sample
	for i := range items[12:] {
		if s := items[12+i].sample(); s.Tag == "t4" {
			want = append(want, s)
		}
	}
	if !slices.Equal(refused, want) {
		return fmt.Errorf("refused were %v, and not %v", refused, want)
	}
	return t.settled(outcome{all: true, refused: refused, mixed: true})
}

// endedBefore calls Send with a context that has ended.
func endedBefore(t *trial) error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return t.ended(ctx, t.start(ctx, rounds(rand.New(rand.NewPCG(5, 5)), 2, 3, 4)))
}

// endedMidCall ends the context of a call that waits for a peer that does not answer.
func endedMidCall(t *trial) error {
	items := rounds(rand.New(rand.NewPCG(6, 6)), 2, 5, 6)
	if n, fault, err := t.send(items[:10]); err != nil || fault != nil {
		return fmt.Errorf("send = %d of 10: %w", n, errors.Join(err, faultError(fault)))
	}
	reached := t.peer.Silence()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := t.start(ctx, items[10:])
	if _, err := await(t, reached, "nothing has reached the peer"); err != nil {
		return err
	}
	select {
	case r := <-done:
		return fmt.Errorf("send = %d, %v, while its peer does not answer", r.n, r.err)
	default:
	}
	cancel()
	return t.ended(ctx, done)
}

// ended checks what a call returns whose context has ended.
func (t *trial) ended(ctx context.Context, done <-chan result) error {
	r, err := t.await(done, "Send")
	if err != nil {
		return err
	}
	if r.err != nil && !errors.Is(r.err, ctx.Err()) {
		return fmt.Errorf("send = %d, %w, and not that its context has ended", r.n, r.err)
	}
	return t.settled(outcome{once: true})
}

// closeUnused closes a sink that was sent nothing.
func closeUnused(t *trial) error { return t.closeTwice() }

// closeUsed closes a sink that was.
func closeUsed(t *trial) error {
	items := rounds(rand.New(rand.NewPCG(7, 7)), 1, 3, 3)
	if n, fault, err := t.send(items); err != nil || fault != nil {
		return fmt.Errorf("send = %d: %w", n, errors.Join(err, faultError(fault)))
	}
	return errors.Join(t.closeTwice(), t.settled(outcome{all: true, once: true}))
}

// closeTwice wants both to be without an error.
func (t *trial) closeTwice() error {
	for range 2 {
		if r, err := t.await(t.startClose(), "Close"); err != nil || r.err != nil {
			return errors.Join(err, r.err)
		}
	}
	return nil
}
