package sinks

import (
	"sort"
	"time"

	"tagbridge/mapping"
)

// untried is samples of series that are set aside, taken out of a view. They are rejected as the log is told that what
// comes before them and they themselves are not needed any more: a forwarder that ends before has not counted them, and
// the next one gets them again.
type untried struct {
	v       View
	from    []Pos // of each sample, where the log is read on to get it again; empty: it is from no log
	reasons map[seriesKey]string
	n       int // of them, rejected
}

// add appends sample s of b, which is at position p if known.
func (u *untried) add(b *mapping.Batch, s mapping.Sample, p Pos, known bool) {
	u.v.Append(&mapping.Batch{Group: b.Group, Samples: []mapping.Sample{s}, Blob: b.Blob}, nil)
	if known {
		u.from = append(u.from, p)
	}
}

// explain notes why, while the account a still knows.
func (u *untried) explain(a *aside) {
	u.reasons = make(map[seriesKey]string)
	for _, b := range u.v.Batches {
		for _, s := range b.Samples {
			if key := keyOf(b.Group, int(s.Index)); u.reasons[key] == "" {
				u.reasons[key] = a.reason(b.Group, s.Index)
			}
		}
	}
}

// before is how many of the samples, rejected ones among them, are from before p.
func (u *untried) before(p Pos) int {
	if len(u.from) < u.v.Len() {
		return u.v.Len()
	}
	return sort.Search(len(u.from), func(i int) bool { return u.from[i] >= p })
}

// cutAside takes from v, from sample from on, those of series that are set aside.
func (f *Forwarder) cutAside(v *View, from int) {
	f.stats.aside.Store(int64(f.aside.n))
	if f.aside.n == 0 {
		return
	}
	u := new(untried)
	trial := f.aside.cut(v, u, from, time.Now())
	f.pieces.reset()
	if trial >= 0 {
		f.pieces.single(trial, v.Len())
	}
	if u.v.Len() == 0 {
		return
	}
	if f.presenting { // what they are of is in the log, and rejected there
		return
	}
	u.explain(&f.aside)
	if f.refused != nil {
		u.from = nil // its places are of another log
	}
	if f.untried = append(f.untried, u); len(u.from) == 0 {
		f.rejectUntried(0)
	}
}

// rejectUntried rejects what was not tried of the samples before p, and all that is from no log.
func (f *Forwarder) rejectUntried(p Pos) {
	left := f.untried[:0]
	for _, u := range f.untried {
		if to := u.before(p); to > u.n {
			part := u.v.Slice(u.n, to)
			f.countRefused(part.Len())
			f.report.kept(part.Len(), f.o.Reject.add(&part, func(g *mapping.Group, index uint16) string {
				return u.reasons[keyOf(g, int(index))]
			}))
			u.n = to
		}
		if u.n < u.v.Len() {
			left = append(left, u)
		}
	}
	clear(f.untried[len(left):])
	f.untried = left
}
