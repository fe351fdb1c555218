package plc

import (
	"fmt"
	"slices"

	"tagbridge/mapping"
)

// image is the four tables of a unit: which addresses exist, and what they hold.
type image [4][]span

// span is a run of addresses that exist. data is as on the wire, two or four bytes a register; in tables of bits, one byte
// a bit, 0 or 1. No answer reaches from registers of one width to those of another.
type span struct {
	first, count int
	width        int // bytes
	data         []byte
}

// extent is a run of addresses that tags cover.
type extent struct{ first, end int }

// newImage makes the addresses that tags cover, and the holes of at most maxGap registers, or sixteen times as many
// bits, between them: a planned block read over neighbouring tags succeeds, everything else is an illegal address.
func newImage(tags []*mapping.Tag, maxGap int) *image {
	var covered, wide [4][]extent
	for _, t := range tags {
		first, count := t.Span()
		end := min(first+max(count, 1), 1<<16)
		list := &covered[t.Address.Table]
		if t.Wide && !t.Address.Table.IsBits() {
			list = &wide[t.Address.Table]
		}
		*list = append(*list, extent{first, end})
	}
	m := new(image)
	for table := range covered {
		table, gap := mapping.Table(table), maxGap
		if table.IsBits() {
			gap *= 16
		}
		for _, e := range join(wide[table], gap) {
			m.defineWide(table, e.first, e.end-e.first)
		}
		for _, e := range join(covered[table], gap) {
			m.defineFree(table, e)
		}
	}
	return m
}

// defineFree makes those addresses of e exist that do not.
func (m *image) defineFree(t mapping.Table, e extent) {
	for first := e.first; first < e.end; {
		end := first
		for end < e.end && m.find(t, end, 1) == nil {
			end++
		}
		if end > first {
			m.define(t, first, end-first)
		}
		first = end + 1
	}
}

// join sorts list and merges what overlaps, touches or lies at most maxGap apart.
func join(list []extent, maxGap int) []extent {
	slices.SortFunc(list, func(a, b extent) int { return a.first - b.first })
	var out []extent
	for _, e := range list {
		if n := len(out); n > 0 && e.first-out[n-1].end <= maxGap {
			out[n-1].end = max(out[n-1].end, e.end)
			continue
		}
		out = append(out, e)
	}
	return out
}

// define makes count addresses from first on exist, all 0. It must not overlap what exists.
func (m *image) define(t mapping.Table, first, count int) {
	if m.find(t, first, 1) != nil || m.find(t, first+count-1, 1) != nil {
		panic(fmt.Sprintf("plc: %v %d to %d exist already", t, first, first+count-1))
	}
	m.insert(t, span{first: first, count: count, width: width(t)})
}

// defineWide is define for registers of four bytes.
func (m *image) defineWide(t mapping.Table, first, count int) {
	m.insert(t, span{first: first, count: count, width: 4})
}

func (m *image) insert(t mapping.Table, s span) {
	first := s.first
	s.data = make([]byte, s.count*s.width)
	at, _ := slices.BinarySearchFunc(m[t], first, func(s span, first int) int { return s.first - first })
	m[t] = slices.Insert(m[t], at, s)
}

// find is the bytes of count addresses from first on, or nil when one of them does not exist.
func (m *image) find(t mapping.Table, first, count int) []byte {
	spans := m[t]
	lo, hi := 0, len(spans)
	for lo < hi { // the first span that ends behind first
		mid := (lo + hi) / 2
		if spans[mid].first+spans[mid].count <= first {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == len(spans) || first < spans[lo].first || first+count > spans[lo].first+spans[lo].count {
		return nil
	}
	at, w := first-spans[lo].first, spans[lo].width
	return spans[lo].data[at*w : (at+count)*w]
}

// width is how many bytes an image holds for one address.
func width(t mapping.Table) int {
	if t.IsBits() {
		return 1
	}
	return 2
}
