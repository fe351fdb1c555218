package trend

import (
	"cmp"
	"math"
	"strconv"
	"unicode/utf8"

	"tagbridge/mapping"
)

// value is that of a sample; one without is of kind None.
type value struct {
	sample mapping.Sample
	exp    int8
	text   string
}

// textMost is how much of a text is given.
const textMost = 256

func valueOf(b *mapping.Batch, s *mapping.Sample) value {
	v := value{sample: *s, exp: b.Group.Series[s.Index].Exp}
	if s.Kind == mapping.Text {
		text := b.Text(s)
		if len(text) > textMost {
			n := textMost
			for n > 0 && !utf8.RuneStart(text[n]) {
				n--
			}
			v.text = string(text[:n]) + "…"
		} else {
			v.text = string(text)
		}
	}
	return v
}

// number is v as one, whatever it loses by that.
func (v *value) number() float64 {
	switch v.sample.Kind {
	case mapping.Bool, mapping.Uint, mapping.Uint64:
		return float64(v.sample.Bits)
	case mapping.Int, mapping.Int64:
		return float64(int64(v.sample.Bits))
	case mapping.F32:
		return float64(math.Float32frombits(uint32(v.sample.Bits)))
	case mapping.F64:
		return math.Float64frombits(v.sample.Bits)
	case mapping.Dec:
		return float64(int64(v.sample.Bits)) * math.Pow10(int(v.exp))
	}
	return math.NaN()
}

// compare compares two numbers: whole ones exactly.
func (v *value) compare(w *value) int {
	if v.sample.Kind == w.sample.Kind && v.exp == w.exp {
		switch v.sample.Kind {
		case mapping.Uint64:
			return cmp.Compare(v.sample.Bits, w.sample.Bits)
		case mapping.Int64, mapping.Dec:
			return cmp.Compare(int64(v.sample.Bits), int64(w.sample.Bits))
		}
	}
	return cmp.Compare(v.number(), w.number())
}

// append appends v as JSON: a number, 0 or 1 for false and true, a text, or null.
func (v *value) append(dst []byte) []byte {
	if v.sample.Kind == mapping.Bool {
		return append(dst, '0'+byte(v.sample.Bits&1))
	}
	return mapping.AppendJSONValue(dst, &mapping.Series{SeriesTraits: &mapping.SeriesTraits{Exp: v.exp}}, &v.sample, []byte(v.text))
}

// mean is that of numbers.
type mean struct {
	n      int
	value  float64
	narrow bool // one of them was a float32
}

func (m *mean) add(v *value) {
	m.n++
	m.value += (v.number() - m.value) / float64(m.n)
	m.narrow = m.narrow || v.sample.Kind == mapping.F32
}

// append appends m with as many digits as it can have.
func (m *mean) append(dst []byte) []byte {
	if m.n == 0 || math.IsNaN(m.value) || math.IsInf(m.value, 0) {
		return append(dst, "null"...)
	}
	digits := 15
	if m.narrow {
		digits = 7
	}
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(m.value, 'e', digits-1, 64), 64)
	s := mapping.Sample{Kind: mapping.F64, Bits: math.Float64bits(rounded)}
	return mapping.AppendJSONNumber(dst, &s, 0)
}
