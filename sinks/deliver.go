package sinks

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// errIdle is the fault of a sink that acknowledges nothing and says nothing.
var errIdle = errors.New("the sink acknowledged less than it was given")

// deliver returns when every sample of v was taken, refused or set aside, or with ctx's error. Taken ones are added
// to taken. v may lose samples that are set aside.
func (f *Forwarder) deliver(ctx context.Context, v *View, taken *atomic.Uint64) error {
	f.cutAside(v, 0)
	for at := 0; at < v.Len(); {
		end := f.pieces.next(at, v.Len())
		part := v.part(at, end)
		began := time.Now()
		f.stats.sending.Store(&began)
		told := 0
		part.done = func(n int) {
			taken.Add(uint64(n - told))
			told = n
			f.progress(v, at+n)
		}
		n, err := f.o.Sink.Send(ctx, part)
		part.done = nil
		f.stats.sending.Store(nil)
		if n > 0 {
			err = f.took(part.part(0, n), err, taken, told)
			at += n
			f.progress(v, at)
		}
		if at == end {
			f.reached()
			f.pieces.accept(part.Len(), v.Len())
			continue
		}
		if err == nil {
			err = errIdle
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		fault := faultOf(err)
		switch {
		case fault.Action == Refuse:
			at = f.refused(v, at, end, fault)
		case fault.Action == Shrink && end-at > 1:
			f.reached()
			f.pieces.shrink(end - at)
		case fault.Action == Shrink:
			at = f.refused(v, at, end, &Fault{Refused: 1, Err: fmt.Errorf("a single sample is too large: %w", err)})
		default:
			f.failed(fault)
			if err := f.pause(ctx, f.pauses.next(fault.After)); err != nil {
				return err
			}
		}
	}
	f.pieces.reset()
	return nil
}

// took notes that the sink has dealt with all of v, and returns what there is to say of what comes behind it: those
// that it had no way to write are rejected, the others were acknowledged. So many were added to taken before.
func (f *Forwarder) took(v *View, err error, taken *atomic.Uint64, before int) error {
	f.pauses.reset()
	var unfit *Unfit
	if errors.As(err, &unfit) {
		fit, rest := v.split(unfit.Places)
		f.reject(&rest, unfit.Err.Error())
		v, err = &fit, unfit.Then
	}
	taken.Add(uint64(v.Len() - before)) // less than before when some were unfit
	f.aside.taken(v, &f.report)
	return err
}

// reached notes that the sink answered.
func (f *Forwarder) reached() {
	f.pauses.reset()
	if !f.stats.connected.Swap(true) {
		f.report.online(f.stats.behind(f.o.Log))
	}
	f.stats.setError("")
}

// failed notes that the sink is out of order.
func (f *Forwarder) failed(fault *Fault) {
	f.stats.retries.Add(1)
	f.stats.connected.Store(false)
	f.stats.setError(fault.Err.Error())
	f.report.failed(fault)
	f.reportBehind()
}

// refused deals with a refusal of the samples at to end of v: those known to be refused are rejected, else the piece
// is to be halved. It returns where to go on.
func (f *Forwarder) refused(v *View, at, end int, fault *Fault) int {
	f.reached()
	f.stats.setError(fault.Err.Error())
	n := min(fault.Refused, end-at)
	if n <= 0 && end-at > 1 {
		f.pieces.halve(at, end)
		return at
	}
	n = max(n, 1)
	part := v.Slice(at, at+n)
	f.reject(&part, fault.Err.Error())
	f.pieces.rejected()
	// Several at once cost no search: then there is no need to set their series aside.
	if n == 1 && f.aside.refused(&part, fault.Err.Error(), &f.report) {
		f.cutAside(v, at+n)
	}
	return at + n
}

// reject puts v into the reject store.
func (f *Forwarder) reject(v *View, reason string) {
	f.countRefused(v.Len())
	f.report.refused(v, reason, f.o.Reject.Add(v, reason))
}

// countRefused counts samples that were refused; those that had been before are among the rejected already.
func (f *Forwarder) countRefused(n int) {
	if f.again.on {
		f.again.refused += n
		return
	}
	f.stats.rejected.Add(uint64(n))
}

// cutAside takes from v, from sample from on, those of series that are set aside, and rejects them.
func (f *Forwarder) cutAside(v *View, from int) {
	f.stats.aside.Store(int64(f.aside.n))
	if f.aside.n == 0 {
		return
	}
	var gone View
	trial := f.aside.cut(v, &gone, from, time.Now())
	f.pieces.reset()
	if trial >= 0 {
		f.pieces.single(trial, v.Len())
	}
	if gone.Len() > 0 {
		f.countRefused(gone.Len())
		f.report.kept(gone.Len(), f.o.Reject.add(&gone, f.aside.reason))
	}
}
