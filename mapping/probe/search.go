package probe

import (
	"math"
	"slices"

	"tagbridge/mapping"
	"tagbridge/mapping/dump"
)

// Reading is what the display showed at some time, and what was read about then: before and after, where it was read more
// than once.
type Reading struct {
	Shown     *Shown // nil: nobody looked
	Snapshots []dump.Snapshot
}

// Options say what is known of the device.
type Options struct {
	Unit int
	// Order is the byte order of its other values; it decides where Proven.
	Order  mapping.Order
	Proven bool
}

// Candidate is a place that gives what was shown.
type Candidate struct {
	Address   mapping.Address
	Type      mapping.Type
	Length    int          // what comes after the colon of its type
	Same      mapping.Type // another type that gives the same so far; TypeAuto: none
	Order     mapping.Order
	Registers int
	Scale     mapping.Decimal
	Value     float64 // in the newest reading, scaled
	Moved     bool    // not the same in all readings
	// Between says that one reading is not what was read before or after it, but between the two.
	Between bool
	cost    float64
	rare    bool
}

// TypeText is the type of c as a tag map has it.
func (c *Candidate) TypeText() string { return c.Type.Text(c.Length) }

// scales are the factors that displays put between a register and a number, with what speaks against each.
var scales = []struct {
	scale  mapping.Decimal
	factor float64
	cost   float64
}{
	{mapping.Decimal{Mant: 1}, 1, 0},
	{mapping.Decimal{Mant: 1, Exp: -1}, 0.1, 1},
	{mapping.Decimal{Mant: 1, Exp: -2}, 0.01, 1.5},
	{mapping.Decimal{Mant: 1, Exp: -3}, 0.001, 2},
	{mapping.Decimal{Mant: 1, Exp: 1}, 10, 3},
	{mapping.Decimal{Mant: 1, Exp: -4}, 0.0001, 5},
	{mapping.Decimal{Mant: 1, Exp: 2}, 100, 5},
	{mapping.Decimal{Mant: 1, Exp: 3}, 1000, 4},
}

// hit is one form at one address under one scale that fits the first reading.
type hit struct {
	table   mapping.Table
	first   int
	form    *form
	scale   int
	between bool
	moved   bool
	value   float64
}

// search is a search under way.
type search struct {
	o        Options
	forms    []form
	readings []Reading // those with a number
	memories [][]*memory
	near     float64 // how many ways to read come within nearBy of a number by chance, but for hits
}

// nearBy is how far from what is shown, in halves of a unit of its last digit, another value is taken for a sibling.
const nearBy = 40

// find is what fits all readings.
func (s *search) find() []hit {
	if len(s.readings) == 0 {
		return nil
	}
	var hits []hit
	for t := range s.memories[0][0] {
		for i := range s.memories[0][0][t] {
			hits = s.scan(mapping.Table(t), &s.memories[0][0][t][i], hits)
		}
	}
	for n := 1; n < len(s.readings); n++ {
		hits = slices.DeleteFunc(hits, func(h hit) bool { return !s.again(&h, n) })
	}
	for i := range hits {
		s.evaluate(&hits[i])
	}
	return hits
}

// scan appends what fits the first reading in r.
func (s *search) scan(t mapping.Table, r *run, hits []hit) []hit {
	var values []float64
	for at := r.first; at < r.end(); at++ {
		for i := range s.forms {
			f := &s.forms[i]
			if at+f.registers > r.end() {
				continue
			}
			h := hit{table: t, first: at, form: f}
			var ok bool
			if values, ok = s.values(values[:0], &h, 0); !ok {
				continue
			}
			for k := range scales {
				if k > 0 && f.kind == mapping.TypeBits {
					break // a range of bits is seldom scaled, and there are so many that each number is in one by chance
				}
				h.scale, h.between = k, false
				if s.fits(values, &h, 0) {
					hits = append(hits, h)
				}
			}
		}
	}
	return hits
}

// again reports that h fits reading n.
func (s *search) again(h *hit, n int) bool {
	values, ok := s.values(nil, h, n)
	return ok && s.fits(values, h, n)
}

// values appends what h gives, not scaled, before and after reading n; ok is false when that is no number, or was not read.
func (s *search) values(dst []float64, h *hit, n int) (list []float64, ok bool) {
	for _, m := range s.memories[n] {
		raw := m.find(h.table, h.first, h.form.registers)
		if raw == nil {
			continue
		}
		v, ok := h.form.number(raw)
		if !ok {
			return dst, false
		}
		dst = append(dst, v)
	}
	return dst, len(dst) > 0
}

// fits reports that one of values is what reading n showed, or that it was something between them.
func (s *search) fits(values []float64, h *hit, n int) bool {
	shown := s.readings[n].Shown
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		v *= scales[h.scale].factor
		if shown.fits(v) {
			return true
		}
		if n == 0 && math.Abs(v-shown.Value) <= nearBy*shown.Half {
			s.near++
		}
		low, high = min(low, v), max(high, v)
	}
	// A display is read at another time than registers.
	if low < shown.Value && shown.Value < high && high-low < 0.2*math.Abs(shown.Value) {
		h.between = true
		return true
	}
	return false
}

// evaluate notes what h gives in the newest reading, and whether it moved.
func (s *search) evaluate(h *hit) {
	first := true
	var old []byte
	for n := range s.readings {
		for _, m := range s.memories[n] {
			raw := m.find(h.table, h.first, h.form.registers)
			if raw == nil {
				continue
			}
			h.moved = h.moved || !first && string(raw) != string(old)
			first, old = false, raw
			if v, ok := h.form.number(raw); ok {
				h.value = rounded(v * scales[h.scale].factor)
			}
		}
	}
}

// rounded is v without the noise of a product.
func rounded(v float64) float64 {
	if v == 0 || math.IsInf(v, 0) {
		return v
	}
	p := math.Pow(10, 11-math.Ceil(math.Log10(math.Abs(v))))
	if r := math.Round(v*p) / p; !math.IsInf(p, 0) && p != 0 && !math.IsInf(r, 0) {
		return r
	}
	return v
}
