package tagmap

import (
	"math"
	"strconv"
	"strings"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
)

// bounds are the values of an integer type; ok is false for types that are none. Those of uint64 end at int64's.
func bounds(t mapping.Type) (low, high int64, ok bool) {
	switch t {
	case mapping.TypeBool:
		return 0, 1, true
	case mapping.TypeInt8:
		return math.MinInt8, math.MaxInt8, true
	case mapping.TypeUint8:
		return 0, math.MaxUint8, true
	case mapping.TypeInt16:
		return math.MinInt16, math.MaxInt16, true
	case mapping.TypeUint16:
		return 0, math.MaxUint16, true
	case mapping.TypeInt32:
		return math.MinInt32, math.MaxInt32, true
	case mapping.TypeUint32:
		return 0, math.MaxUint32, true
	case mapping.TypeInt64:
		return math.MinInt64, math.MaxInt64, true
	case mapping.TypeUint64:
		return 0, math.MaxInt64, true
	case mapping.TypeBCD16:
		return 0, 9999, true
	case mapping.TypeBCD32:
		return 0, 99_999_999, true
	}
	return 0, 0, false
}

// fits reports that a raw value of t can be d. Of types whose values are not known it says yes.
func fits(t mapping.Type, d mapping.Decimal) bool {
	low, high, ok := bounds(t)
	if !ok {
		return true
	}
	v, whole := d.Int()
	if t == mapping.TypeUint64 && !whole && d.Exp > 0 {
		return d.Mant > 0 && d.Float64() < 1<<64
	}
	return whole && v >= low && v <= high
}

// width is how many bits a raw value of t has; 64 where that is not known.
func width(t mapping.Type) int {
	switch t {
	case mapping.TypeBool:
		return 1
	case mapping.TypeInt8, mapping.TypeUint8:
		return 8
	}
	if n := t.Registers(); n > 0 {
		return 16 * n
	}
	return 64
}

// MaxParts is how many values one cell can list.
const MaxParts = 1_000

// readInvalid reads the raw values that mean "no value".
func readInvalid(b *tagBuilder, r *row, t *mapping.Tag) {
	if text := r.text(colInvalid); text != "" {
		t.Invalid = invalidValues(b, r, t, text)
	}
}

// invalidValues reads a list of raw values.
func invalidValues(b *tagBuilder, r *row, t *mapping.Tag, text string) []mapping.Invalid {
	key := valuesKey{t.Type, text}
	if list, ok := b.keep.invalid[key]; ok {
		return list
	}
	count := strings.Count(text, "|") + 1
	if count > MaxParts {
		r.problemf(colInvalid, "over %d values", MaxParts)
		return nil
	}
	list := make([]mapping.Invalid, 0, count)
	for part := range strings.SplitSeq(text, "|") {
		part = source.Trim(part)
		if part == "" {
			r.problemf(colInvalid, "an empty value: separate them with a single |")
			continue
		}
		v, fault := invalidValue(part, t.Type, r.comma)
		if fault != "" {
			r.problemf(colInvalid, "%s", fault)
			continue
		}
		v.Text = b.keep.text(part)
		list = append(list, v)
	}
	if len(list) == count {
		b.keep.invalid[valuesKey{t.Type, strings.Clone(text)}] = list
	}
	return list
}

func invalidValue(text string, t mapping.Type, comma bool) (v mapping.Invalid, fault string) {
	if t == mapping.TypeString {
		return v, ""
	}
	if hex, ok := source.CutPrefixFold(text, "0x"); ok {
		bits, err := strconv.ParseUint(hex, 16, 64)
		if err != nil {
			return v, shown(text) + "is no hexadecimal number of at most 64 bits"
		}
		if w := width(t); w < 64 && bits>>w != 0 {
			return v, shown(text) + "does not fit " + t.String() + ", which has " + strconv.Itoa(w) + " bits"
		}
		return mapping.Invalid{Hex: true, Bits: bits}, ""
	}
	if strings.EqualFold(text, "nan") || strings.EqualFold(strings.TrimLeft(text, "+-"), "inf") {
		return v, "NaN and infinities are BadNoData by themselves: leave them out"
	}
	if v, ok := longValue(text, t); ok {
		return v, ""
	}
	d, err := number(text, comma)
	_, _, integer := bounds(t)
	switch {
	case err != nil && integer && strings.Contains(err.Error(), "significant digits"):
		return v, shown(text) + "is no value of " + t.String()
	case err != nil:
		return v, shown(text) + err.Error()
	case !fits(t, d):
		return v, shown(text) + "is no value of " + t.String()
	}
	return mapping.Invalid{Value: d}, ""
}

// longValue reads values that have more digits than a Decimal: the last ones of 64-bit integers, and floats in full.
func longValue(text string, t mapping.Type) (v mapping.Invalid, ok bool) {
	if strings.Trim(text, "+-0123456789.eE") != "" || len(text) < 18 {
		return v, false
	}
	switch t {
	case mapping.TypeInt64, mapping.TypeAuto:
		n, err := strconv.ParseInt(text, 10, 64)
		return mapping.Invalid{Value: mapping.Decimal{Mant: n}}, err == nil
	case mapping.TypeUint64:
		n, err := strconv.ParseUint(text, 10, 64)
		return mapping.Invalid{Hex: true, Bits: n}, err == nil
	case mapping.TypeFloat32, mapping.TypeFloat64:
		size := 64
		if t == mapping.TypeFloat32 {
			size = 32
		}
		f, err := strconv.ParseFloat(text, size)
		if err != nil {
			return v, false
		}
		if d, err := mapping.ParseDecimal(strconv.FormatFloat(f, 'e', -1, size)); err == nil {
			return mapping.Invalid{Value: d}, true
		}
		return mapping.Invalid{Hex: true, Bits: math.Float64bits(f)}, size == 64 // beyond a Decimal
	}
	return v, false
}

// shown is one part of a cell at the beginning of a message.
func shown(part string) string { return strconv.Quote(source.Shorten(part)) + " " }
