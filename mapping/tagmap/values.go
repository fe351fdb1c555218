package tagmap

import (
	"math"
	"strconv"
	"strings"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
)

// fits reports that a raw value of t can be d. Of types whose values are not known it says yes.
func fits(t *mapping.Tag, d mapping.Decimal) bool {
	low, high, ok := t.Type.Bounds(t.Length)
	if !ok {
		return true
	}
	v, whole := d.Int()
	if t.Type == mapping.TypeUint64 && !whole && d.Exp > 0 {
		return d.Mant > 0 && d.Float64() < 1<<64
	}
	return whole && v >= low && v <= high
}

// width is how many bits a raw value of t has; 64 where that is not known.
func width(t *mapping.Tag) int {
	switch n := t.Type.Bits(t.Length); {
	case t.Type == mapping.TypeBool:
		return 1
	case n > 0:
		return n
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
	key := keyOf(t, text)
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
		v, fault := invalidValue(part, t, r.comma)
		if fault != "" {
			r.problemf(colInvalid, "%s", fault)
			continue
		}
		v.Text = b.keep.text(part)
		list = append(list, v)
	}
	if len(list) == count {
		b.keep.invalid[keyOf(t, strings.Clone(text))] = list
	}
	return list
}

func invalidValue(text string, t *mapping.Tag, comma bool) (v mapping.Invalid, fault string) {
	switch {
	case t.Type == mapping.TypeDatetime && t.Type.Bits(t.Length) == 0:
		return v, "a " + t.TypeText() + " is not one number: what is no date is BadDecodingError by itself"
	case t.Type.IsText() && t.Type != mapping.TypeDatetime:
		return v, ""
	}
	if hex, ok := source.CutPrefixFold(text, "0x"); ok {
		bits, err := strconv.ParseUint(hex, 16, 64)
		if err != nil {
			return v, shown(text) + "is no hexadecimal number of at most 64 bits"
		}
		if w := width(t); w < 64 && bits>>w != 0 {
			return v, shown(text) + "does not fit " + t.TypeText() + ", which has " + strconv.Itoa(w) + " bits"
		}
		return mapping.Invalid{Hex: true, Bits: bits}, ""
	}
	if strings.EqualFold(text, "nan") || strings.EqualFold(strings.TrimLeft(text, "+-"), "inf") {
		return v, "NaN and infinities are BadNoData by themselves: leave them out"
	}
	if v, ok := longValue(text, t.Type); ok {
		return v, ""
	}
	d, err := number(text, comma)
	_, _, integer := t.Type.Bounds(t.Length)
	switch {
	case err != nil && integer && strings.Contains(err.Error(), "significant digits"):
		return v, shown(text) + "is no value of " + t.TypeText()
	case err != nil:
		return v, shown(text) + err.Error()
	case !fits(t, d):
		return v, shown(text) + "is no value of " + t.TypeText()
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
