package sinks

import (
	"context"

	"tagbridge/mapping"
)

// owed is whether the sink is to get the present values: it is new, or has lost samples. It gets them at once, before
// anything that follows in the log. When more was lost further on in the same backlog, it gets them once more at the
// end of it: then nothing older comes after them, and a journal with damage in many places costs no flood.
type owed struct {
	due   bool
	given bool // in this backlog
	taken bool // first holds what is to be given: it was taken when the forwarder was made
	first View
}

// settle delivers the present value of every tag of the sink, if it is owed them and it is time.
func (f *Forwarder) settle(ctx context.Context) error {
	caughtUp := f.stats.behind(f.o.Log) < uint64(f.o.Batch)
	if f.owed.due && (!f.owed.given || caughtUp) {
		v := f.owed.first
		if !f.owed.taken {
			f.collectPresent(&v)
		}
		f.owed.taken, f.owed.first = false, View{}
		f.presenting = true
		defer func() { f.presenting = false }()
		f.cutAside(&v, 0)
		d := delivery{Forwarder: f, v: &v, taken: &f.stats.present, owes: true}
		if err := d.run(ctx); err != nil {
			return err
		}
		f.given()
	}
	f.owed.given = f.owed.given && !caughtUp
	return nil
}

// collectPresent appends to v the present value of every tag of the sink.
func (f *Forwarder) collectPresent(v *View) { f.collect(v, f.o.Present) }

func (f *Forwarder) collect(v *View, from func(yield func(*mapping.Batch))) {
	if from != nil {
		from(func(b *mapping.Batch) { v.Append(b, f.o.Match) })
	}
}
