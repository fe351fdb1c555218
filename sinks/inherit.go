package sinks

import (
	"context"
	"sync"
	"sync/atomic"
)

// A Bequest is what waits for a sink in the log of another process, which is gone. The forwarder of the sink of that name delivers it in
// between what is in its own log, in order, and as it delivers that: at least once. Its methods wait for nothing, neither network nor
// disk, and are called by the forwarder's goroutine.
type Bequest interface {
	// Take resets v and fills it, in order, with at most about most of the next samples, of those that m takes, and returns the
	// position after the last one looked at: where they stand in that log, as v knows, too. Nothing in v: there is nothing now. It
	// is not called while anything of it is under way.
	Take(m *Match, most int, v *View) Pos
	// Mine reports that it may still be delivered here. It is asked before each try. When it may be again, the Estate has to be woken.
	Mine() bool
	// Through says that the sink needs nothing before p again, and how many were delivered and refused since the last time.
	Through(p Pos, dealt Dealt)
}

// Estate is what other processes have left for the sinks of one name. It outlives forwarders. The nil Estate is empty. Its methods are
// safe for concurrent use.
type Estate struct {
	waits atomic.Bool
	mu    sync.Mutex
	list  []Bequest
	wake  chan struct{}
}

// NewEstate makes an empty one.
func NewEstate() *Estate { return &Estate{wake: make(chan struct{}, 1)} }

// Add has b delivered from the next batch on.
func (e *Estate) Add(b Bequest) {
	e.mu.Lock()
	e.list = append(e.list, b)
	e.mu.Unlock()
	e.Wake()
}

// Remove has no more taken of b. What is under way may still be delivered: Mine ends that.
func (e *Estate) Remove(b Bequest) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i, x := range e.list {
		if x == b {
			e.list = append(append([]Bequest(nil), e.list[:i]...), e.list[i+1:]...)
			return
		}
	}
}

// Wake says that there is more to be taken.
func (e *Estate) Wake() {
	e.waits.Store(true)
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// ready reports that there may be something to be taken.
func (e *Estate) ready() bool { return e != nil && e.waits.Load() }

// bequests is what there is; nobody changes the list.
func (e *Estate) bequests() []Bequest {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.list
}

// heedEstate ends the waiting for samples when there is something of others, until ctx ends.
func (f *Forwarder) heedEstate(ctx context.Context) {
	if f.o.Estate == nil {
		return
	}
	for {
		select {
		case <-f.o.Estate.wake:
		case <-ctx.Done():
			return
		}
		if wake := f.again.wake.Load(); wake != nil {
			(*wake)()
		}
	}
}

// inherit delivers one batch of each of those who left something: what is this process' own comes in between. It returns ctx's
// error alone. While a drain is on there is no time for it.
func (f *Forwarder) inherit(ctx, waiting context.Context) error {
	if waiting.Err() != nil || f.drains() || !f.o.Estate.ready() {
		return nil
	}
	f.o.Estate.waits.Store(false)
	for _, b := range f.o.Estate.bequests() {
		if err := f.inheritFrom(ctx, waiting, b); err != nil {
			return err
		}
	}
	return nil
}

func (f *Forwarder) inheritFrom(ctx, waiting context.Context, b Bequest) error {
	if !b.Mine() {
		return nil
	}
	var v View
	end := b.Take(f.o.Match, f.o.Batch, &v)
	v.inherited = true
	if v.Len() > 0 {
		f.o.Estate.waits.Store(true) // more may follow
	}
	h := &inheriting{Bequest: b, f: f, waiting: waiting, delivered: f.stats.inherited.Load()}
	f.refused = &h.refused
	defer func() { f.refused = nil }()
	f.cutAside(&v, 0)
	d := delivery{Forwarder: f, v: &v, taken: &f.stats.inherited, left: h}
	if err := d.run(ctx); err != nil {
		return err
	}
	if d.at == v.Len() {
		f.report.kept(f.o.Reject.Sync())
		h.through(end)
	}
	return nil
}

// inheriting is a view of what another process left, while it is being delivered.
type inheriting struct {
	Bequest
	f         *Forwarder
	waiting   context.Context // ends when a drain begins
	delivered uint64          // of the forwarder's count, those that the bequest was told of
	refused   uint64          // that it was not told of
	at        Pos
}

// mine reports that what another process left may still be delivered here.
func (d *delivery) mine() bool { return !d.drains() && d.left.waiting.Err() == nil && d.left.Mine() }

// drains reports that a drain has begun. What ends with it ends a moment later, and a try that fails in between has a pause after it that nothing
// ends any more.
func (f *Forwarder) drains() bool {
	select {
	case <-f.draining:
		return true
	default:
		return false
	}
}

// through tells of what was dealt with before p.
func (h *inheriting) through(p Pos) {
	now := h.f.stats.inherited.Load()
	h.Through(p, Dealt{Delivered: now - h.delivered, Rejected: h.refused})
	h.delivered, h.refused, h.at = now, 0, p
}

// progress acknowledges what is known to be through of the view that is being delivered, to the log that it is of.
func (d *delivery) progress(v *View, n int) {
	if d.left == nil {
		d.Forwarder.progress(v, n)
		return
	}
	if p, ok := v.position(n); ok && p > d.left.at {
		if d.left.refused > 0 {
			d.report.kept(d.o.Reject.Sync())
		}
		d.left.through(p)
	}
}
