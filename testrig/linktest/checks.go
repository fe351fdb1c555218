package linktest

import (
	"context"
	"errors"
	"slices"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
)

// checkClosed uses a link that is not open.
func checkClosed(r *rig) {
	closed := func(when string) {
		r.Helper()
		var b mapping.Batch
		b.Reset(r.a.Current())
		if _, err := r.do(r.Context(), r.a, 0, &b); !errors.Is(err, drivers.ErrClosed) {
			r.Errorf("Do %s: %v, want ErrClosed", when, err)
		}
		if w, ok := r.link.(drivers.Waiter); ok {
			err := r.within("Wait", func(ctx context.Context) error { _, err := w.Wait(ctx, &b); return err })
			if !errors.Is(err, drivers.ErrClosed) {
				r.Errorf("Wait %s: %v, want ErrClosed", when, err)
			}
		}
		if d, ok := r.link.(drivers.Dropper); ok {
			d.Drop(r.a)
		}
		if err := r.link.Close(); err != nil {
			r.Errorf("Close %s: %v", when, err)
		}
	}
	closed("before Open")
	r.open()
	r.want(r.a)
	if err := r.link.Close(); err != nil {
		r.Errorf("Close: %v", err)
	}
	closed("after Close")
	r.open()
	r.set(2)
	r.want(r.a)
}

// checkTwice opens an open link: it has one connection, and that is a new one.
func checkTwice(r *rig) {
	for range 3 {
		r.open()
	}
	r.want(r.a)
	if r.wire != nil {
		r.until("one connection", func() bool { return r.wire.open() == 1 })
	}
	for range 2 {
		if err := r.link.Close(); err != nil {
			r.Errorf("Close: %v", err)
		}
	}
	if r.wire != nil {
		r.until("no connection", func() bool { return r.wire.open() == 0 })
	}
}

// checkDown opens a link to where nobody is: nothing is left of that, and it can be opened later.
func checkDown(r *rig) {
	r.wire.down()
	if err := r.within("Open", r.link.Open); err == nil {
		r.Fatal("a link to nobody is open")
	}
	var b mapping.Batch
	b.Reset(r.a.Current())
	if _, err := r.do(r.Context(), r.a, 0, &b); !errors.Is(err, drivers.ErrClosed) {
		r.Errorf("Do after an Open that failed: %v, want ErrClosed", err)
	}
	r.wire.up(r)
	r.open()
	r.want(r.a)
}

// checkRound makes rounds: a sample a tag in each, where values are read, and at most one else.
func checkRound(r *rig) {
	r.open()
	for n := 1; n <= 5; n++ {
		r.set(n)
		for _, j := range []*drivers.Job{r.a, r.b} {
			var b mapping.Batch
			if err := r.round(j, &b); err != nil {
				r.Fatalf("read: %v", err)
			}
			count := make([]int, len(j.Current().Series))
			for i := range b.Samples {
				s := &b.Samples[i]
				count[s.Index]++
				if s.Quality.IsBad() {
					r.Errorf("tag %d is %v", s.Index, s.Quality)
				} else if v := r.number(&b, s); !r.peer.Pushes && v != n {
					r.Errorf("tag %d is %d, want %d", s.Index, v, n)
				}
			}
			r.note(j, &b, 0)
			for i, c := range count {
				if c > 1 || c == 0 && !r.peer.Pushes {
					r.Errorf("%d samples of tag %d in one round", c, i)
				}
			}
			r.want(j)
		}
	}
}

// checkTurns makes exchanges of two jobs in turn: the steps of one are not those of the other, nor are the values.
func checkTurns(r *rig) {
	r.open()
	for n := 1; n <= 3; n++ {
		r.set(n)
		jobs := []*drivers.Job{r.a, r.b}
		batches := []mapping.Batch{{Group: r.a.Current()}, {Group: r.b.Current()}}
		steps, done := []int{0, 0}, []bool{false, false}
		for k := 0; !done[0] || !done[1]; k++ {
			i := k % 2
			if done[i] {
				continue
			}
			next, err := r.do(r.Context(), jobs[i], steps[i], &batches[i])
			if err != nil {
				r.Fatalf("exchange %d of job %d: %v", steps[i], i, err)
			}
			steps[i], done[i] = next, next == 0
			if k > limit(r.a)+limit(r.b) {
				r.Fatal("the rounds do not end")
			}
		}
		for i, j := range jobs {
			r.note(j, &batches[i], 0)
			if n := len(batches[i].Samples); !r.peer.Pushes && n != len(j.Current().Series) {
				r.Errorf("%d samples of job %d, which has %d tags", n, i, len(j.Current().Series))
			}
			r.want(j)
		}
	}
}

// checkChanges sees that each value is of the round that read it, or is pushed.
func checkChanges(r *rig) {
	r.open()
	for n := 1; n <= 20; n++ {
		r.set(n)
		r.want(r.a)
	}
}

// checkRefusal has the device refuse one tag: that is no error, and costs no other tag anything.
func checkRefusal(r *rig) {
	r.peer.Refuse(true)
	r.open()
	for n := 1; n <= 3; n++ {
		r.set(n)
		for deadline := time.Now().Add(soon); ; {
			var b mapping.Batch
			if err := r.round(r.a, &b); err != nil {
				r.Fatalf("a refused tag is an error: %v", err)
			}
			r.note(r.a, &b, 0)
			if r.peer.Pushes {
				if err := r.wait(50 * time.Millisecond); err != nil {
					r.Fatalf("a refused tag is an error: %v", err)
				}
			}
			last := r.last(r.a)
			if last[0] == bad && !slices.ContainsFunc(last[1:], func(v int) bool { return v != n }) {
				break
			}
			if !r.peer.Pushes || time.Now().After(deadline) {
				r.Fatalf("tags are %v, want the first bad and the others %d", last, n)
			}
		}
	}
	if why := r.a.Work.Err(0); why == "" {
		r.Error("nothing says why the tag is bad")
	}
	if why := r.a.Work.Err(1); why != "" {
		r.Errorf("a tag that is not refused: %s", why)
	}
	r.want(r.b)
}

// otherWork is that of another driver.
type otherWork struct{ drivers.Work }

// checkForeign hands the link a job of another driver.
func checkForeign(r *rig) {
	r.open()
	for _, w := range []drivers.Work{otherWork{}, nil} {
		j := &drivers.Job{Device: r.a.Device, Group: r.a.Group, Work: w}
		var b mapping.Batch
		b.Reset(j.Group)
		if _, err := r.do(r.Context(), j, 0, &b); err == nil {
			r.Errorf("a job with work %T was read", w)
		}
	}
	r.recover(r.a)
}

// checkLent scribbles over what was lent to a link, after it was returned, and fills batches that hold something.
func checkLent(r *rig) {
	r.open()
	var b mapping.Batch
	var raw []byte
	for n := 1; n <= 5; n++ {
		r.set(n)
		b.Reset(r.a.Current())
		b.Blob = append(b.Blob, "what was there before"...)
		if err := r.round(r.a, &b); err != nil {
			r.Fatalf("read: %v", err)
		}
		r.note(r.a, &b, 0)
		r.want(r.a)
		for i := range b.Samples[:cap(b.Samples)] {
			b.Samples[:cap(b.Samples)][i] = mapping.Sample{Index: 60_000, Bits: 1 << 60, Time: 1}
		}
		for i := range b.Blob[:cap(b.Blob)] {
			b.Blob[:cap(b.Blob)][i] = 0xEE
		}
		first := r.a.Work.Raw(nil, 1)
		if len(first) == 0 {
			r.Error("no bytes of a tag that was read")
		}
		raw = r.a.Work.Raw(append(raw[:0], "before"...), 1)
		if string(raw) != "before"+string(first) {
			r.Errorf("Raw made % x of what was there and % x", raw, first)
		}
		for i := range raw[:cap(raw)] {
			raw[:cap(raw)][i] = 0xEE
		}
		if again := r.a.Work.Raw(nil, 1); !slices.Equal(again, first) {
			r.Errorf("bytes % x of a tag are % x after what Raw returned was written to", first, again)
		}
	}
	r.want(r.b)
}

// checkDrop takes a job from a link that keeps something for each.
func checkDrop(r *rig) {
	d, ok := r.link.(drivers.Dropper)
	if !ok {
		return // it keeps nothing
	}
	r.open()
	r.want(r.a)
	r.want(r.b)
	d.Drop(r.a)
	d.Drop(r.a)
	r.a = nil // what comes of it now fails
	for n := 2; n <= 4; n++ {
		r.set(n)
		r.want(r.b)
	}
}
