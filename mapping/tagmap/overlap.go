package tagmap

import (
	"cmp"
	"slices"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
)

// checkOverlaps warns of tags of several registers that share some of them without being the same value: one of both
// is at the wrong address or of the wrong type.
func checkOverlaps(b *tagBuilder) {
	if b.kind.typed {
		return // no registers
	}
	var long []*mapping.Tag
	for _, t := range b.list.Tags {
		if t.Registers() > 1 {
			long = append(long, t)
		}
	}
	slices.SortStableFunc(long, func(x, y *mapping.Tag) int {
		return cmp.Or(cmp.Compare(x.Address.Table, y.Address.Table), cmp.Compare(x.Address.Number, y.Address.Number))
	})
	if len(long) == 0 {
		return
	}
	widest := long[0] // of those before: the one that reaches farthest
	for _, t := range long[1:] {
		if t.Address.Table != widest.Address.Table || int(t.Address.Number) >= end(widest) {
			widest = t
			continue
		}
		if !sameValue(t, widest) {
			warnOverlap(b.maps.l, t, widest)
		}
		if end(t) > end(widest) {
			widest = t
		}
	}
}

func warnOverlap(l *source.Loader, t, other *mapping.Tag) {
	if other.Source.File == t.Source.File && other.Source.Line > t.Source.Line {
		t, other = other, t
	}
	d := l.File(t.Source.File)
	d.Warnf(source.LineCol(t.Source.Line, 1), "tag %s (%s at %s) takes registers of tag %s (%s at %s, line %d): is one of both at the wrong address, or of the wrong type?",
		t.Name, t.Type, t.Address, other.Name, other.Type, other.Address, other.Source.Line)
}

// end is the register behind the last one of t.
func end(t *mapping.Tag) int { return int(t.Address.Number) + t.Registers() }

func sameValue(x, y *mapping.Tag) bool {
	return x.Address == y.Address && x.Type == y.Type && x.Length == y.Length && x.Order == y.Order
}
