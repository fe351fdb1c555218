package plc

import (
	"math"

	"tagbridge/mapping"
)

// factors are what the scale factors of a simulated device change between while it runs.
var factors = []float64{-1, -2, 0}

// exponents are the writers of the registers that hold the exponents of tags.
func exponents(m *image, tags []*mapping.Tag, taken map[extentKey]uint16) (out []writer) {
	known := map[mapping.Place]bool{}
	for _, t := range tags {
		a, ok := t.ScaleBy.Address()
		if !ok || known[t.ScaleBy] {
			continue
		}
		known[t.ScaleBy] = true
		e := &mapping.Tag{Name: t.Name, Address: a, Traits: &mapping.Traits{Type: mapping.TypeInt16, Order: t.Order, Wide: t.Wide}}
		f, ok := fieldOf(m, e)
		if !ok || !claim(taken, e) {
			continue
		}
		s := signal{shape: steps, values: factors, period: 10, seed: uint64(a.Number)}
		out = append(out, writer{tag: e, field: f, signal: s})
	}
	return out
}

// exponentOf is the power of ten that the register of t's exponent holds; false when it is none (SunSpec's sunssf).
func exponentOf(m *image, t *mapping.Tag) (n int, ok bool) {
	a, _ := t.ScaleBy.Address()
	data := m.find(a.Table, int(a.Number), 1)
	if data == nil {
		return 0, false
	}
	n = int(int16(take(data, layoutOf(t.Order, len(data)))))
	return n, n >= -10 && n <= 10
}

// unscaled is v for the exponent that is there now, as far as the type goes.
func (w *writer) unscaled(v float64) float64 {
	n, ok := exponentOf(w.image, w.tag)
	if !ok {
		return v
	}
	v *= math.Pow(10, float64(-n))
	if !isFloat(typeOf(w.tag)) {
		v = math.Round(v)
	}
	lo, hi := rangeOf(w.tag)
	return max(lo, min(v, hi))
}
