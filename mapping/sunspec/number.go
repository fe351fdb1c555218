package sunspec

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"
)

// Exponent is the power of ten of v, and whether it has one that can be right.
func (v *Value) Exponent() (int, bool) {
	switch {
	case v.SF == nil:
		return v.Shift, true
	case v.SF.Missing():
		return 0, false
	}
	n := int(v.SF.Point.form.integer(v.SF.Raw))
	return n, n >= -10 && n <= 10
}

// Number is v as a number, its exponent in it; false when there is none.
func (v *Value) Number() (float64, bool) {
	text, ok := v.decimal()
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil
}

// decimal is v as a decimal.
func (v *Value) decimal() (string, bool) {
	exp, ok := v.Exponent()
	if !ok || v.Missing() {
		return "", false
	}
	switch f := v.Point.form; {
	case f.kind == text:
		return "", false
	case f.column == "float32":
		n := math.Float32frombits(binary.BigEndian.Uint32(v.Raw))
		return strconv.FormatFloat(float64(n), 'g', -1, 32), true
	case f.signed:
		return strconv.FormatInt(f.integer(v.Raw), 10) + "e" + strconv.Itoa(exp), true
	default:
		return strconv.FormatUint(uint64(f.integer(v.Raw)), 10) + "e" + strconv.Itoa(exp), true
	}
}

// Show is v for people: the number, or the text of it; "-" when the device has none.
func (v *Value) Show() string {
	if v.Missing() {
		return "-"
	}
	switch v.Point.form.kind {
	case text:
		s := string(v.Raw)
		if end := strings.IndexByte(s, 0); end >= 0 {
			s = s[:end]
		}
		return strings.TrimRight(s, " ")
	case enum:
		n := v.Point.form.integer(v.Raw)
		for _, s := range v.Point.Symbols {
			if s.Value == n {
				return s.Text
			}
		}
	case bits:
		return v.names()
	}
	n, ok := v.Number()
	if !ok {
		return "- (no exponent)"
	}
	return strconv.FormatFloat(n, 'g', 15, 64)
}

// names are those of the bits that are set.
func (v *Value) names() string {
	n := v.Point.form.integer(v.Raw)
	var list []string
	for bit := range 16 * v.Point.Registers {
		if n>>bit&1 == 0 {
			continue
		}
		name := "bit " + strconv.Itoa(bit)
		for _, s := range v.Point.Symbols {
			if s.Value == int64(bit) {
				name = s.Text
			}
		}
		list = append(list, name)
	}
	if list == nil {
		return "0"
	}
	return strings.Join(list, ", ")
}
