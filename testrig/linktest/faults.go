package linktest

import (
	"context"
	"errors"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
)

// checkEndedOpen opens a link with a context that has ended: nothing is left of that.
func checkEndedOpen(r *rig) {
	ctx, cancel := context.WithCancel(r.Context())
	cancel()
	if err := r.returns(ctx, "Open", r.link.Open); err == nil {
		r.Log("a link was opened although its context had ended") // there was nothing to wait for
		r.link.Close()
	}
	if r.wire != nil {
		r.until("no connection", func() bool { return r.wire.open() == 0 })
	}
	r.open()
	r.want(r.a)
}

// checkEndedDo ends the context while the peer does not answer.
func checkEndedDo(r *rig) {
	r.open()
	r.want(r.a)
	r.silence(true)
	r.set(2)
	r.endInDo()
	r.silence(false)
	r.set(3)
	r.reopen()
	r.recover(r.a)
}

// endInDo ends the context of an exchange that the peer has heard and does not answer.
func (r *rig) endInDo() {
	r.Helper()
	before := r.asked()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		for r.asked() == before && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	var b mapping.Batch
	b.Reset(r.a.Current())
	for step := 0; ; {
		next, err := r.do(ctx, r.a, step, &b)
		if err != nil || ctx.Err() != nil {
			break
		}
		if step = next; step == 0 && r.peer.Pushes {
			break // there is nothing to ask
		}
	}
	cancel()
	<-heard
}

// checkEndedWait ends the context while nothing is pushed: that is no error.
func checkEndedWait(r *rig) {
	w, ok := r.link.(drivers.Waiter)
	if !ok {
		return
	}
	r.open()
	r.want(r.a)
	for _, silent := range []bool{false, true} {
		r.silence(silent)
		for range 5 {
			ctx, cancel := context.WithTimeout(r.Context(), 20*time.Millisecond)
			var b mapping.Batch
			b.Reset(nil)
			err := r.returns(ctx, "Wait", func(ctx context.Context) error { _, err := w.Wait(ctx, &b); return err })
			if err != nil {
				r.Errorf("Wait whose context ended: %v", err)
			}
			cancel()
		}
	}
	r.silence(false)
	ended, cancel := context.WithCancel(r.Context())
	cancel()
	var b mapping.Batch
	b.Reset(nil)
	if err := r.returns(ended, "Wait", func(ctx context.Context) error { _, err := w.Wait(ctx, &b); return err }); err != nil {
		r.Errorf("Wait whose context had ended: %v", err)
	}
	r.set(2)
	r.recover(r.a)
}

// checkCloseAfterEnd closes a link whose exchange was given up, as a lane does that ends.
func checkCloseAfterEnd(r *rig) {
	r.open()
	r.want(r.a)
	r.silence(true)
	r.endInDo()
	r.within("Close", func(context.Context) error { return r.link.Close() })
	if r.wire != nil {
		r.until("no connection", func() bool { return r.wire.open() == 0 })
	}
}

// checkSilence has the peer not answer for a while: that is no good value, and the link is of use again later.
func checkSilence(r *rig) {
	r.open()
	r.recover(r.a)
	r.silence(true)
	r.set(2)
	var b mapping.Batch
	for n := 0; ; n++ {
		b.Reset(r.a.Current())
		err := r.round(r.a, &b)
		if err == nil && r.peer.Pushes {
			err = r.wait(2 * short)
		}
		for i := range b.Samples {
			if s := &b.Samples[i]; !s.Quality.IsBad() {
				r.Fatalf("tag %d is good, and the peer is silent", s.Index)
			}
		}
		if silent, ok := errors.AsType[*drivers.NoAnswer](err); ok && !silent.Quality.IsBad() {
			r.Errorf("silence has quality %v", silent.Quality)
		}
		if err != nil {
			break
		}
		if n > 100 {
			r.Fatal("a hundred rounds without an answer, and no error")
		}
	}
	r.silence(false)
	r.set(3)
	r.recover(r.a)
	r.recover(r.b)
}

// checkLate has answers come after their time was over: none may pass for one to what is asked then.
func checkLate(r *rig) {
	r.open()
	r.recover(r.a)
	for n := 10; n <= 60; n += 10 {
		r.wire.hold(true)
		r.set(n)
		var b mapping.Batch
		b.Reset(r.a.Current())
		_, _ = r.do(r.Context(), r.a, 0, &b) // asked for as n, if at all
		r.set(n + 1)
		r.wire.hold(false)
		if r.peer.Pushes {
			r.recover(r.a)
		} else {
			r.fresh(r.a)
		}
		r.set(n + 2)
		r.recover(r.b)
	}
}

// fresh reads j until it is read right, and takes no value that the tags had before.
func (r *rig) fresh(j *drivers.Job) {
	r.Helper()
	deadline := time.Now().Add(soon)
	for time.Now().Before(deadline) {
		var b mapping.Batch
		err := r.round(j, &b)
		good := 0
		for i := range b.Samples {
			s := &b.Samples[i]
			if s.Quality.IsBad() {
				continue
			}
			if good++; r.number(&b, s) != r.now {
				r.Fatalf("tag %d is %d, which it was before what was asked: it is %d", s.Index, r.number(&b, s), r.now)
			}
		}
		if _, silent := errors.AsType[*drivers.NoAnswer](err); err != nil && !silent {
			r.reopen()
		}
		if err == nil && good == len(j.Current().Series) {
			return
		}
	}
	r.Fatal("not read right again")
}

// checkHangUp breaks the connection before each exchange of a round.
func checkHangUp(r *rig) {
	r.open()
	r.want(r.a)
	for k, whole := 0, false; !whole && k < 20; k++ {
		var b mapping.Batch
		b.Reset(r.a.Current())
		whole = true
		for step, n := 0, 0; ; n++ {
			if n == k {
				whole = false
				r.set(r.now + 1)
				r.wire.cut()
			}
			next, err := r.do(r.Context(), r.a, step, &b)
			if err != nil || next == 0 {
				break
			}
			step = next
		}
		if !r.peer.Pushes {
			r.note(r.a, &b, 0)
		}
		r.reopenWhere(r.a)
	}
}

// reopenWhere has j be read right over a new connection.
func (r *rig) reopenWhere(j *drivers.Job) {
	r.Helper()
	r.reopen()
	r.recover(j)
}

// mostCuts is how many points checkCut tries.
const mostCuts = 10

// checkCut breaks the connection at each byte of what the peer says in answer to Open and one round, or at many of them.
func checkCut(r *rig) {
	r.open()
	r.want(r.a)
	whole := r.wire.bytes()
	for n := 0; n < whole; n += max(1, whole/mostCuts) {
		if err := r.link.Close(); err != nil {
			r.Logf("Close: %v", err)
		}
		r.set(r.now + 1)
		r.wire.cutAfter(n)
		if err := r.within("Open", r.link.Open); err == nil {
			var b mapping.Batch
			if err := r.round(r.a, &b); err == nil || len(b.Samples) > 0 {
				r.note(r.a, &b, 0)
			}
		}
		r.wire.cutAfter(-1)
		r.set(r.now + 1)
		r.reopenWhere(r.a)
	}
}

// checkHangUpWaiting breaks the connection while the link waits for pushed values.
func checkHangUpWaiting(r *rig) {
	w, ok := r.link.(drivers.Waiter)
	if !ok {
		return
	}
	r.open()
	r.want(r.a)
	failed := make(chan error, 1)
	go func() {
		for {
			var b mapping.Batch
			b.Reset(nil)
			if _, err := w.Wait(r.Context(), &b); err != nil || r.Context().Err() != nil {
				failed <- err
				return
			}
		}
	}()
	r.wire.cut()
	select {
	case err := <-failed:
		if err == nil {
			r.Error("a connection that broke is no error")
		}
	case <-time.After(soon):
		r.Fatalf("a connection that broke is no error after %v", soon)
	}
	r.set(2)
	r.reopenWhere(r.a)
}
