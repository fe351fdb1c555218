package tagmap

import (
	"strings"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
)

// maxSpan is how many registers one request can ask for.
const maxSpan = 125

// readScaleBy reads where the exponent of a value is.
func readScaleBy(b *tagBuilder, r *row, t *mapping.Tag) {
	text := r.text(colScaleBy)
	if text == "" {
		return
	}
	if b.kind.typed {
		r.problemf(colScaleBy, "only registers have a register with their exponent")
		return
	}
	if r.comma {
		text = strings.Replace(text, ",", ".", 1)
	}
	a, err := b.def.Numbers.ParseAddress(text)
	switch {
	case err != nil:
		r.problemf(colScaleBy, "%s", source.Reason(err, text))
		return
	case a.Table.IsBits() || a.Part != mapping.Whole:
		r.problemf(colScaleBy, "an exponent is a whole register, such as holding:40084")
		return
	case !t.Type.IsNumber():
		r.problemf(colScaleBy, "a %s is not scaled", t.Type)
		return
	case a.Table != t.Address.Table:
		r.problemf(colScaleBy, "value and exponent must come out of one answer: both must be in one table, %s or %s", t.Address.Table, a.Table)
		return
	}
	t.ScaleBy = mapping.PlaceOf(a)
	b.list.Exponents = append(b.list.Exponents, Cell{Tag: t, text: b.keep.own(text), col: colScaleBy, at: r.place(r.cells[colScaleBy])})
	if n := spanOfTag(t); n > maxSpan {
		r.problemf(colScaleBy, "value and exponent must come out of one answer, which holds %d registers: from one to the other are %d", maxSpan, n)
	}
}

// spanOfTag is how many registers one request has to ask for to read t.
func spanOfTag(t *mapping.Tag) int {
	_, count := t.Span()
	return count
}
