package sinks

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"tagbridge/mapping"
)

// ForwarderOptions is what a Forwarder connects.
type ForwarderOptions struct {
	Name   string // of the sink
	Log    Log
	Sink   Sink
	Match  *Match        // nil: everything
	Batch  int           // samples a Send while the sink keeps up; 0: 5000
	Flush  time.Duration // how long a sample waits for others; 0: 1 s
	Start  Pos           // where the sink goes on
	Fresh  bool          // the sink is new: it first gets the values that are present when its forwarder is made
	Before *Stats        // of the forwarder that this one replaces: its counts go on; nil: they begin at 0
	Reject *Rejects      // where refused samples go; nil: they are only counted
	// Present calls yield with the present value of every tag; yield copies what it takes. nil: there are none.
	Present func(yield func(*mapping.Batch))
	// Every is Present with the tags that were never read, as BadWaitingForInitialData at time 0: who is introduced is told
	// of all there are. nil: as Present.
	Every func(yield func(*mapping.Batch))
	// Estate is what other processes have left for the sink, delivered in between; nil: nothing.
	Estate  *Estate
	Settled func()       // is called when the sink has got the present values that it was owed; may be nil
	Down    time.Time    // since when the sink has been out of reach, as is known from before; zero: it is not
	Logger  *slog.Logger // nil: none
}

// growth bounds what is taken from the log at a time while the sink is behind: so many times Batch samples, but no more
// once they take growthBytes.
const (
	growth      = 16
	growthBytes = 2 << 20
)

// Forwarder brings the samples of a Log to one Sink: at least once, in order, whatever the sink does.
type Forwarder struct {
	o       ForwarderOptions
	stats   counters
	pieces  pieces
	pauses  pauses
	aside   aside
	untried []*untried
	told    Dealt // what the log knows, of what was counted in this process
	report  report
	again   again
	refused *uint64 // counts what is refused of what another process left; nil: what is delivered is this one's
	proven  bool    // the sink has taken something
	// introduced: the sink has asked for the present values and got them, and has taken nothing else since.
	introduced bool
	presenting bool // what is delivered are present values, which are not of the log
	max        int  // samples to take from the log at a time
	owed       owed
	hurry      chan struct{} // see Hurry
	wanted     atomic.Bool   // a restless sink wants to be tended

	halting   atomic.Bool // take nothing more from the log
	drainOnce sync.Once
	draining  chan struct{} // closed: deliver what there is, then end
	stopOnce  sync.Once
	stopping  chan struct{} // closed: end
	done      chan struct{} // closed when Run has returned
}

// NewForwarder makes a forwarder; Run makes it work. The present values of a new sink are taken here, not when Run gets
// to them: what is read after Start is in the log, and would be delivered twice.
func NewForwarder(o ForwarderOptions) *Forwarder {
	if o.Batch <= 0 {
		o.Batch = 5000
	}
	if o.Flush <= 0 {
		o.Flush = time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	f := &Forwarder{
		o: o, max: o.Batch, report: report{log: o.Logger.With("sink", o.Name), offline: o.Down},
		hurry: make(chan struct{}, 1), draining: make(chan struct{}), stopping: make(chan struct{}), done: make(chan struct{}),
	}
	if o.Every == nil {
		f.o.Every = o.Present
	}
	f.stats.began = time.Now()
	f.stats.position.Store(uint64(o.Start))
	if o.Before != nil {
		f.stats.goOn(o.Before)
	}
	f.told = f.dealt() // what the one before has counted and not acknowledged comes again
	if o.Fresh {
		f.owed.due, f.owed.taken = true, true
		f.collectPresent(&f.owed.first)
	}
	return f
}

// Run delivers until ctx ends, Drain is through or the log fails, which alone is an error. It is called once, and does
// not close the sink.
func (f *Forwarder) Run(ctx context.Context) error {
	defer close(f.done)
	ctx, cancel := context.WithCancel(ctx)
	waiting, cancelWait := context.WithCancel(ctx)
	var helper sync.WaitGroup
	helper.Go(func() {
		select {
		case <-f.draining:
			cancelWait()
		case <-waiting.Done():
		}
		select {
		case <-f.stopping:
			cancel()
		case <-ctx.Done():
		}
	})
	helper.Go(func() { f.watch(ctx) })
	helper.Go(func() { f.heedWants(ctx) })
	helper.Go(func() { f.heedEstate(waiting) })
	defer helper.Wait()
	defer cancel()
	defer cancelWait()
	defer f.report.flush()
	if err := f.run(ctx, waiting); err != nil && ctx.Err() == nil {
		return fmt.Errorf("forward to sink %s: %w", f.o.Name, err)
	}
	return nil
}

// Drain lets Run deliver what is in the log, without waiting for more, and end; when ctx ends first, Run ends then. It
// returns when Run, which must have been called or be about to be, has returned: nil when that was not for ctx.
func (f *Forwarder) Drain(ctx context.Context) error {
	f.drainOnce.Do(func() { close(f.draining) })
	select {
	case <-f.done:
		return nil
	case <-ctx.Done():
	}
	f.stopOnce.Do(func() { close(f.stopping) })
	<-f.done
	return ctx.Err()
}

// Halt lets Run deliver what it has taken from the log, and end: nothing is under way any more when another forwarder
// takes over. What is left stays in the log. It returns as Drain does.
func (f *Forwarder) Halt(ctx context.Context) error {
	f.halting.Store(true)
	return f.Drain(ctx)
}

// run is the loop: take from the log, deliver, acknowledge. waiting ends with ctx, or when a drain begins.
func (f *Forwarder) run(ctx, waiting context.Context) error {
	var v View
	pos := f.o.Start
	for !f.halting.Load() {
		if err := f.tend(ctx); err != nil {
			return err
		}
		if err := f.settle(ctx); err != nil {
			return err
		}
		if err := f.resend(ctx); err != nil {
			return err
		}
		if err := f.inherit(ctx, waiting); err != nil {
			return err
		}
		next, err := f.next(ctx, waiting, pos, &v)
		if err != nil {
			return err
		}
		if next == pos && v.Len() == 0 && waiting.Err() != nil {
			return nil // drained
		}
		if v.Lost > 0 {
			f.stats.lost.Add(v.Lost)
			f.owed.due = true
			if err := f.settle(ctx); err != nil {
				return err
			}
		}
		if err := f.deliverView(ctx, &v); err != nil {
			return err
		}
		pos = next
		f.acknowledge(pos)
		f.pace(&v)
	}
	return nil
}

// next takes the next samples from the log. While a drain is on it waits for none.
func (f *Forwarder) next(ctx, waiting context.Context, pos Pos, v *View) (Pos, error) {
	f.report.tick()
	q := Query{Sink: f.o.Name, Match: f.o.Match, Max: f.max, Flush: f.o.Flush}
	if waiting.Err() == nil && !f.o.Estate.ready() {
		next, err := f.wait(waiting, pos, q, v)
		if err == nil || ctx.Err() != nil || waiting.Err() == nil {
			return next, err
		}
	}
	q.Flush = 0
	return f.o.Log.Next(ctx, pos, q, v)
}

func (f *Forwarder) deliverView(ctx context.Context, v *View) error {
	if v.Len() == 0 {
		return nil
	}
	f.stats.oldest.Store(v.Batches[0].Samples[0].Time)
	if err := f.deliver(ctx, v, &f.stats.delivered); err != nil {
		return err
	}
	f.stats.oldest.Store(0)
	return nil
}

// acknowledge tells the log that nothing before pos is needed any more. What of it was rejected is on disk by then.
func (f *Forwarder) acknowledge(pos Pos) {
	f.rejectUntried(pos)
	f.report.kept(f.o.Reject.Sync())
	f.stats.position.Store(uint64(pos))
	dealt := f.dealt()
	f.report.acked(f.o.Log.Ack(f.o.Name, pos, dealt.since(f.told)))
	f.told = dealt
}

// pace sees how much there is to do, and decides how much of it to take next time. v is what was taken last.
func (f *Forwarder) pace(v *View) {
	behind := f.reportBehind()
	used, _ := v.bytes()
	switch {
	case behind < f.max/2:
		f.max = f.o.Batch
	case behind >= 2*f.max && used <= growthBytes/2:
		f.max = max(f.max, min(2*f.max, growth*f.o.Batch))
	}
	if most := f.pieces.most(); most > 0 { // more would only lie about
		f.max = min(f.max, max(most, f.o.Batch))
	}
}

// reportBehind sees how much there is to do.
func (f *Forwarder) reportBehind() int {
	behind := int(min(f.stats.behind(f.o.Log), math.MaxInt32))
	f.report.behind(behind, f.o.Batch)
	return behind
}
