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

// delivery is a view on its way to the sink.
type delivery struct {
	*Forwarder
	v     *View
	at    int            // samples from the start of v that are dealt with
	taken *atomic.Uint64 // counts those that the sink took
	owes  bool           // v is present values that the sink is owed
	left  *inheriting    // v is of what another process left; nil: it is not
	began time.Time      // when the last piece was sent
	doubt doubt
}

// deliver returns when every sample of v was taken, refused or set aside, or with ctx's error. Taken ones are added
// to taken. v may lose samples that are set aside.
func (f *Forwarder) deliver(ctx context.Context, v *View, taken *atomic.Uint64) error {
	f.cutAside(v, 0)
	d := delivery{Forwarder: f, v: v, taken: taken}
	return d.run(ctx)
}

func (d *delivery) run(ctx context.Context) error {
	for d.at < d.v.Len() && !d.superseded() {
		if err := d.step(ctx); err != nil {
			return err
		}
	}
	d.pieces.reset()
	return nil
}

// step sends the next piece, and does what there is to do when it is not taken whole. An error is ctx's.
func (d *delivery) step(ctx context.Context) error {
	end := d.pieces.next(d.at, d.v.Len())
	size := end - d.at
	n, err := d.send(ctx, d.at, end, d.v)
	if n > 0 {
		d.at += n
		d.doubt = doubt{}
		d.progress(d.v, d.at)
	}
	if d.at == end {
		d.reached()
		d.pieces.accept(size, d.v.Len(), time.Since(d.began))
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if d.superseded() {
		return nil
	}
	if err == nil {
		err = errIdle
	}
	fault := faultOf(err)
	switch {
	case fault.Action == Refuse:
		return d.refuse(ctx, end, fault)
	case fault.Action == Shrink && end-d.at > 1:
		d.reached()
		d.pieces.shrink(end - d.at)
		return nil
	case fault.Action == Shrink:
		return d.refuse(ctx, end, &Fault{Refused: 1, Err: fmt.Errorf("a single sample is too large: %w", err)})
	case fault.Suspect > 0:
		return d.suspect(ctx, end, fault)
	}
	d.failed(fault)
	return d.pause(ctx, d.pauses.next(fault.After))
}

// send gives the samples from to end of d.v to the sink, and returns how many it has dealt with. As far as they are
// through on the way, the log is told of whole, which begins with what is dealt with; nil: it is not. A sink that asks to be
// introduced is, and then goes on.
func (d *delivery) send(ctx context.Context, from, end int, whole *View) (int, error) {
	for at := from; ; {
		n, err := d.sendOnce(ctx, at, end, whole)
		if at += n; at == end || !asksIntroduction(err) {
			return at - from, err
		}
		if err := d.introduce(ctx, faultOf(err)); err != nil || d.superseded() {
			return at - from, err
		}
	}
}

func (d *delivery) sendOnce(ctx context.Context, from, end int, whole *View) (int, error) {
	part := d.v.part(from, end)
	told := 0
	part.moved = d.stats.move
	part.done = func(n int) {
		d.stats.move()
		d.taken.Add(uint64(n - told))
		told = n
		if whole != nil {
			d.progress(whole, from+n)
		}
	}
	d.stats.move()
	d.began = time.Now()
	n, err := d.o.Sink.Send(ctx, part)
	d.stats.rest()
	part.done, part.moved = nil, nil
	if n > 0 {
		err = d.took(part.part(0, n), err, d.taken, told)
	}
	return n, err
}

// took notes that the sink has dealt with all of v, and returns what there is to say of what comes after it: those
// that it had no way to write are rejected, the others were acknowledged. So many were added to taken before.
func (f *Forwarder) took(v *View, err error, taken *atomic.Uint64, before int) error {
	f.pauses.worked()
	var unfit *Unfit
	if errors.As(err, &unfit) {
		fit, rest := v.split(unfit.Places)
		f.reject(&rest, unfit.Err.Error())
		v, err = &fit, unfit.Then
	}
	f.proven = f.proven || v.Len() > 0
	f.introduced = f.introduced && v.Len() == 0
	taken.Add(uint64(v.Len() - before)) // less than before when some were unfit
	f.aside.taken(v, &f.report)
	return err
}

// reached notes that the sink answered.
func (f *Forwarder) reached() {
	f.pauses.worked()
	if !f.stats.connected.Swap(true) {
		f.report.online(f.stats.behind(f.o.Log))
	}
	f.stats.setError("")
}

// failed notes that the sink is out of order.
func (f *Forwarder) failed(fault *Fault) {
	f.stats.retries.Add(1)
	f.stats.connected.Store(false)
	text := fault.Err.Error()
	if fault.After > pauseAsked {
		text += fmt.Sprintf("; it asks for a pause of %v, and is tried again after %v: a reload hurries that", fault.After, pauseAsked)
	}
	f.stats.setError(text)
	f.report.failed(fault.Action, text)
	f.reportBehind()
}

// refuse deals with a refusal of the samples at d.at to end: those known to be refused are rejected, else the piece is
// to be halved.
func (d *delivery) refuse(ctx context.Context, end int, fault *Fault) error {
	n := min(fault.Refused, end-d.at)
	if n <= 0 && end-d.at > 1 {
		if d.proven || fault.Sure {
			d.answered(fault)
		}
		d.pieces.halve(d.at, end)
		return nil
	}
	n = max(n, 1)
	if !d.proven && !fault.Sure {
		if proven, err := d.refusesAll(ctx, n, fault); !proven {
			return err
		}
	}
	d.answered(fault)
	d.rejectHead(n, fault.Err.Error())
	return nil
}

// answered notes that the sink answered with a refusal.
func (d *delivery) answered(fault *Fault) {
	d.reached()
	d.stats.setError(fault.Err.Error())
}

// rejectHead rejects the next n samples.
func (d *delivery) rejectHead(n int, reason string) {
	part := d.v.Slice(d.at, d.at+n)
	d.reject(&part, reason)
	d.pieces.rejected()
	d.at += n
	d.progress(d.v, d.at)
	d.doubt = doubt{}
	// Several at once cost no search: then there is no need to set their series aside.
	if n == 1 && d.aside.refused(&part, reason, &d.report) {
		d.cutAside(d.v, d.at)
	}
}

// reject puts v into the reject store. Present values are only logged: what they are of is in the log, and dealt with there.
func (f *Forwarder) reject(v *View, reason string) {
	if f.presenting {
		f.report.refused(v, reason, nil)
		return
	}
	f.countRefused(v.Len())
	f.report.refused(v, reason, f.o.Reject.Add(v, reason))
}

// countRefused counts samples that were refused; those that had been before are among the rejected already.
func (f *Forwarder) countRefused(n int) {
	switch {
	case f.again.on:
		f.again.refused += n
		return
	case f.refused != nil:
		*f.refused += uint64(n)
		f.stats.inheritedRefused.Add(uint64(n))
		return
	}
	f.stats.rejected.Add(uint64(n))
}
