package journal

import (
	"cmp"
	"slices"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// piece is a block of a segment that may hold what is asked for. It is in memory only while its samples are yielded: should
// some of them be far older than others, it is read again when it is the turn of these.
type piece struct {
	f        file
	off, end int64
	to       sinks.Pos // what is from there on is in the next segment
	samples  uint64    // that its intact records have
	min, max int64     // of their times
	seq      int       // how manieth it is of the journal's
	checked  bool      // what is missing in it has been noted

	next int64 // no sample that was not yielded is older
	at   int   // so many were yielded
	held held  // what of it is in memory
}

// held is the samples of a piece that are asked for, in the order of their times.
type held struct {
	samples []mapping.Sample
	group   []uint16 // of each, in groups
	groups  []*mapping.Group
	blob    []byte
	loaded  bool
}

// bytes is about how much memory h takes.
func (h *held) bytes() int { return 28*len(h.samples) + 8*len(h.groups) + len(h.blob) }

// read reads what is asked for of p.
func (h *History) read(p *piece) error {
	p.held = h.empty()
	return h.each(p, func(rec found) error { return h.take(p, rec) })
}

// empty is held with memory that is used again.
func (h *History) empty() held {
	e := held{loaded: true, samples: h.spare.samples[:0], group: h.spare.group[:0], groups: h.spare.groups[:0], blob: h.spare.blob[:0]}
	h.spare = held{}
	return e
}

// take takes the samples of a record of p.
func (h *History) take(p *piece, rec found) error {
	b, err := h.batch(p, rec)
	if err != nil || b == nil {
		return err
	}
	p.held.take(b, h.chooser.match.Group(b.Group), h.since, h.until)
	return nil
}

// take takes the samples of b that choice has, from since up to before until.
func (h *held) take(b *mapping.Batch, choice *sinks.Choice, since, until int64) {
	if choice.None() {
		return
	}
	number := -1
	for i := range b.Samples {
		s := b.Samples[i]
		if s.Time < since || s.Time >= until || !choice.Has(s.Index) {
			continue
		}
		if number < 0 {
			if number = slices.Index(h.groups, b.Group); number < 0 {
				number = len(h.groups)
				h.groups = append(h.groups, b.Group)
			}
		}
		if s.Kind == mapping.Text {
			text := b.Text(&s)
			s.Bits = uint64(len(h.blob))<<32 | uint64(len(text))
			h.blob = append(h.blob, text...)
		}
		h.samples = append(h.samples, s)
		h.group = append(h.group, uint16(number))
	}
}

// sort puts samples in the order of their times; those of one time stay as they are.
func (h *held) sort() {
	byTime := func(a, b mapping.Sample) int { return cmp.Compare(a.Time, b.Time) }
	if slices.IsSortedFunc(h.samples, byTime) {
		return
	}
	order := make([]int, len(h.samples))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return byTime(h.samples[a], h.samples[b]) })
	samples, group := make([]mapping.Sample, len(order)), make([]uint16, len(order))
	for i, from := range order {
		samples[i], group[i] = h.samples[from], h.group[from]
	}
	h.samples, h.group = samples, group
}
