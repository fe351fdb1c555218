package linktest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
)

// rig is a peer, a link to it and its jobs.
type rig struct {
	testing.TB
	peer Peer
	wire *wire // nil: the peer takes no TCP connections
	link drivers.Link
	hung bool // a call of link has not returned: nobody else may use it
	a, b *drivers.Job
	now  int // the value that the tags have
	seen map[*drivers.Job]*known
}

func newRig(t testing.TB, start func(testing.TB, time.Duration) Peer, c check) *rig {
	r := &rig{TB: t, peer: start(t, c.timeout), now: 1, seen: map[*drivers.Job]*known{}}
	address := ""
	if r.peer.Address != "" {
		r.wire = newWire(t, r.peer.Address)
		address = r.wire.addr
	}
	r.link = r.peer.Link(address)
	t.Cleanup(func() {
		if !r.hung {
			r.link.Close()
		}
	})
	r.a, r.b = r.peer.Jobs()
	return r
}

// set changes what all tags are.
func (r *rig) set(n int) {
	r.now = n
	r.peer.Set(n)
}

// silence has the peer hear and not answer, or no longer.
func (r *rig) silence(on bool) {
	if r.peer.Silence != nil {
		r.peer.Silence(on)
	} else {
		r.wire.hold(on)
	}
}

func (r *rig) asked() int {
	if r.peer.Asked != nil {
		return r.peer.Asked()
	}
	return r.wire.heard()
}

// open opens the link.
func (r *rig) open() {
	r.Helper()
	if err := r.within("Open", func(ctx context.Context) error { return r.link.Open(ctx) }); err != nil {
		r.Fatalf("Open: %v", err)
	}
}

// reopen opens a link that may have broken.
func (r *rig) reopen() {
	r.Helper()
	if err := r.link.Close(); err != nil {
		r.Logf("Close: %v", err)
	}
	r.open()
}

// within calls do with a context that ends with the test, and fails when it does not return soon.
func (r *rig) within(what string, do func(context.Context) error) error {
	r.Helper()
	return r.returns(r.Context(), what, do)
}

// returns calls do, and fails when that does not return soon.
func (r *rig) returns(ctx context.Context, what string, do func(context.Context) error) error {
	r.Helper()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- do(ctx) }()
	select {
	case err := <-done:
		return err
	case <-time.After(soon):
		r.hung = true
		r.Fatalf("%s has not returned after %v", what, soon)
		return nil
	}
}

// do makes one exchange, and looks at what it did to the batch.
func (r *rig) do(ctx context.Context, j *drivers.Job, step int, b *mapping.Batch) (next int, err error) {
	r.Helper()
	samples, blob := slices.Clone(b.Samples), slices.Clone(b.Blob)
	failed := r.returns(ctx, "Do", func(ctx context.Context) error {
		next, err = r.link.Do(ctx, j, step, b)
		return nil
	})
	if failed != nil {
		r.Fatal(failed)
	}
	silent, ok := errors.AsType[*drivers.NoAnswer](err)
	alone := ok && silent.Alone
	switch {
	case len(b.Samples) < len(samples) || !slices.Equal(b.Samples[:len(samples)], samples) || !slices.Equal(b.Blob[:min(len(blob), len(b.Blob))], blob):
		r.Fatal("Do changed samples that were in the batch before")
	case err != nil && !alone && len(b.Samples) > len(samples):
		r.Fatalf("Do appended %d samples and returned %v", len(b.Samples)-len(samples), err)
	case next < 0:
		r.Fatalf("Do returned exchange %d", next)
	}
	for _, s := range b.Samples[len(samples):] {
		if int(s.Index) >= len(j.Current().Series) {
			r.Fatalf("a sample of tag %d of %d", s.Index, len(j.Current().Series))
		}
		if err != nil && !s.Quality.IsBad() {
			r.Fatalf("a sample of quality %v from an exchange that failed with %v", s.Quality, err)
		}
	}
	return next, err
}

// limit is how many exchanges a round may have.
func limit(j *drivers.Job) int { return 64 + 4*len(j.Current().Series) }

// round makes all exchanges of a round of j, until the first error but for one of a request that is given up alone.
func (r *rig) round(j *drivers.Job, b *mapping.Batch) error {
	r.Helper()
	if b.Group == nil {
		b.Reset(j.Current())
	}
	for step, n := 0, 0; ; n++ {
		next, err := r.do(r.Context(), j, step, b)
		silent, ok := errors.AsType[*drivers.NoAnswer](err)
		switch {
		case err != nil && !(ok && silent.Alone):
			return err
		case next == 0:
			return nil
		case n > limit(j):
			r.Fatalf("a round of more than %d exchanges", limit(j))
		}
		step = next
	}
}

// wait makes one Wait for pushed values, for a time.
func (r *rig) wait(d time.Duration) error {
	r.Helper()
	w, ok := r.link.(drivers.Waiter)
	if !ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), d)
	defer cancel()
	var b mapping.Batch
	b.Reset(nil)
	var j *drivers.Job
	err := r.returns(ctx, "Wait", func(ctx context.Context) (err error) {
		j, err = w.Wait(ctx, &b)
		return err
	})
	if err != nil {
		return err
	}
	if j == nil {
		if len(b.Samples) > 0 {
			r.Fatalf("Wait brought %d samples of no job", len(b.Samples))
		}
		return nil
	}
	if j != r.a && j != r.b {
		r.Fatal("Wait brought samples of an unknown job")
	}
	b.Group = j.Current()
	r.note(j, &b, 0)
	return nil
}

// try reads j until all its tags are as they are at the peer, or something fails.
func (r *rig) try(j *drivers.Job) error {
	r.Helper()
	deadline := time.Now().Add(soon)
	for {
		var b mapping.Batch
		if err := r.round(j, &b); err != nil {
			return err
		}
		r.note(j, &b, 0)
		if !slices.ContainsFunc(r.last(j), func(n int) bool { return n != r.now }) {
			return nil
		}
		if time.Now().After(deadline) {
			r.Fatalf("the tags are %v, want all %d", r.last(j), r.now)
		}
		if r.peer.Pushes {
			if err := r.wait(50 * time.Millisecond); err != nil {
				return err
			}
		}
	}
}

// want reads j until all its tags are as they are at the peer.
func (r *rig) want(j *drivers.Job) {
	r.Helper()
	if err := r.try(j); err != nil {
		r.Fatalf("read: %v", err)
	}
}

// recover has j read right again, over the same connection or a new one, as a lane would.
func (r *rig) recover(j *drivers.Job) {
	r.Helper()
	deadline := time.Now().Add(soon)
	for {
		err := r.try(j)
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			r.Fatalf("still not read right: %v", err)
		}
		if _, silent := errors.AsType[*drivers.NoAnswer](err); !silent {
			r.reopen()
		}
	}
}

// until waits for what others do.
func (r *rig) until(what string, is func() bool) {
	r.Helper()
	for deadline := time.Now().Add(soon); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			r.Fatalf("%s: not so after %v", what, soon)
		}
	}
}
