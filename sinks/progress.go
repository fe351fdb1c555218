package sinks

import (
	"sort"

	"tagbridge/mapping"
)

// mark is where in the log samples of a view are from.
type mark struct {
	at    int  // the place of the first of them in the view
	pos   Pos  // where it was looked for, or from; before it nothing is left for the sink
	whole bool // each that follows is at the position behind the one before
}

// AppendFrom is Append of samples that stand in the log from position p on.
func (v *View) AppendFrom(p Pos, b *mapping.Batch, m *Match) {
	at := v.n
	v.Append(b, m)
	if v.n == at {
		return
	}
	whole := v.n-at == len(b.Samples)
	if n := len(v.marks); n > 0 && whole {
		if last := v.marks[n-1]; last.whole && last.pos+Pos(at-last.at) == p {
			return
		}
	}
	v.marks = append(v.marks, mark{at, p, whole})
}

// Position is where sample i of v stands in the log, or somewhat before where not all samples there are for this sink;
// false when it is not of the log, such as present values.
func (v *View) Position(i int) (Pos, bool) { return v.position(i) }

// position is where the log is to be read on once n samples from the start of v are dealt with, or somewhat before; false
// when v does not know.
func (v *View) position(n int) (Pos, bool) {
	n += v.base
	i := sort.Search(len(v.marks), func(i int) bool { return v.marks[i].at > n }) - 1
	if i < 0 {
		return 0, false
	}
	m := v.marks[i]
	if m.whole {
		return m.pos + Pos(n-m.at), true
	}
	return m.pos, true
}

// without takes the samples at places, which are ascending, from the marks of v; it is called before they are taken from
// v itself.
func (v *View) without(places []int) {
	var left []mark
	gone := 0 // of places, those before the run that is looked at
	for i, m := range v.marks {
		from, end := m.at, v.n
		if i+1 < len(v.marks) {
			end = v.marks[i+1].at
		}
		for from < end {
			to := end
			if gone < len(places) {
				to = min(to, places[gone])
			}
			if from < to {
				left = appendMark(left, m.run(from, gone))
			}
			if from = to; from < end {
				from++
				gone++
			}
		}
	}
	v.marks = left
}

// run is the mark of what m marks from sample place on, when gone samples before it are taken out.
func (m mark) run(place, gone int) mark {
	run := mark{place - gone, m.pos, m.whole}
	if m.whole {
		run.pos += Pos(place - m.at)
	}
	return run
}

// appendMark appends m, unless the last of marks says it already.
func appendMark(marks []mark, m mark) []mark {
	if n := len(marks); n > 0 {
		last := marks[n-1]
		if last.whole == m.whole && (m.whole && last.pos+Pos(m.at-last.at) == m.pos || !m.whole && last.pos == m.pos) {
			return marks
		}
	}
	return append(marks, m)
}

// Done tells that n samples from the start of v are acknowledged already, while Send goes on with the others: they are not
// sent again, even if the process is killed now. What Send returns counts them, too. It costs a write to the disk's cache.
func (v *View) Done(n int) {
	if v.done != nil {
		v.done(n)
	}
}

// Moved tells that Send makes progress, as far as the line shows it, though nothing more is acknowledged yet: a sink that
// does not for long counts as hanging. It is safe for concurrent use until Send returns.
func (v *View) Moved() {
	if v.moved != nil {
		v.moved()
	}
}

// progress acknowledges to the log what is known to be through of the view that is being delivered.
func (f *Forwarder) progress(v *View, n int) {
	if p, ok := v.position(n); ok && p > Pos(f.stats.position.Load()) {
		f.acknowledge(p)
	}
}
