package plc

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"tagbridge/mapping"
)

// Value is what a tag should be delivered as, by the contract: decoded, checked, scaled, clamped.
type Value struct {
	Quality mapping.Quality
	Kind    Kind
	Text    string  // a string; of numbers the exact or shortest decimal form; true or false
	Number  float64 // of numbers; 0 or 1 of a bool
	Enum    string  // the text that goes along
}

// Kind is what a value is delivered as.
type Kind uint8

// The kinds of values.
const (
	NoValue Kind = iota
	Bool
	Integer // of an unscaled integer type
	Float   // of a float type, or scaled
	String
)

func bad(q mapping.Quality) Value { return Value{Quality: q} }

// valueOf works out what the registers of t stand for, step by step and with fractions: slow, and not the way the
// bridge does it.
func valueOf(m *image, t *mapping.Tag) Value {
	data := m.find(t.Address.Table, int(t.Address.Number), max(t.Registers(), 1))
	switch {
	case data == nil:
		return bad(mapping.BadConfigurationError)
	case t.Type == mapping.TypeDatetime:
		return dateValue(data, t)
	case t.Type.IsText():
		return textValue(data, t)
	}
	f, _ := fieldOf(m, t)
	bits := f.get()
	for _, inv := range t.Invalid {
		if inv.Hex && inv.Bits == bits {
			return bad(mapping.BadNoData)
		}
	}
	if typeOf(t) == mapping.TypeBool {
		if bits == 0 {
			return Value{Kind: Bool, Text: "false"}
		}
		return Value{Kind: Bool, Text: "true", Number: 1}
	}
	raw, q := decode(t, bits)
	if q != mapping.Good {
		return bad(q)
	}
	for _, inv := range t.Invalid {
		if !inv.Hex && rat(inv.Value).Cmp(raw) == 0 {
			return bad(mapping.BadNoData)
		}
	}
	if t.ScaleBy != 0 {
		n, ok := exponentOf(m, t)
		if !ok {
			return bad(mapping.BadNoData)
		}
		raw.Mul(raw, power(n))
	}
	return scaled(t, raw)
}

func textValue(data []byte, t *mapping.Tag) Value {
	text, ok := "", true
	if t.Type == mapping.TypeChars {
		text, ok = takeChars(data, t.Order)
	} else {
		text = takeText(data, t.Order, t.Length)
	}
	if !ok {
		return bad(mapping.BadDecodingError)
	}
	text = strings.TrimRight(toUTF8(text, len(text) == t.Length && t.Type == mapping.TypeString), " \t")
	for _, inv := range t.Invalid {
		if inv.Text == text {
			return bad(mapping.BadNoData)
		}
	}
	return Value{Kind: String, Text: text}
}

// decode is the raw value that bits stand for: of floats, the number their shortest decimal form names.
func decode(t *mapping.Tag, bits uint64) (*big.Rat, mapping.Quality) {
	var f float64
	size := 32
	switch typeOf(t) {
	case mapping.TypeInt8:
		return new(big.Rat).SetInt64(int64(int8(bits))), mapping.Good
	case mapping.TypeUint8:
		return new(big.Rat).SetInt64(int64(uint8(bits))), mapping.Good
	case mapping.TypeInt16:
		return new(big.Rat).SetInt64(int64(int16(bits))), mapping.Good
	case mapping.TypeInt32:
		return new(big.Rat).SetInt64(int64(int32(bits))), mapping.Good
	case mapping.TypeInt64:
		return new(big.Rat).SetInt64(int64(bits)), mapping.Good
	case mapping.TypeInt24:
		return new(big.Rat).SetInt64(int64(bits<<40) >> 40), mapping.Good
	case mapping.TypeInt48:
		return new(big.Rat).SetInt64(int64(bits<<16) >> 16), mapping.Good
	case mapping.TypeSM16:
		return new(big.Rat).SetInt64(int64(bits&0x7FFF) * (1 - 2*int64(bits>>15))), mapping.Good
	case mapping.TypeSM32:
		return new(big.Rat).SetInt64(int64(bits&0x7FFFFFFF) * (1 - 2*int64(bits>>31))), mapping.Good
	case mapping.TypeMod10k:
		v, ok := fromMod10k(bits, t.Length)
		if !ok {
			return nil, mapping.BadDecodingError
		}
		return new(big.Rat).SetInt64(v), mapping.Good
	case mapping.TypeBCD8, mapping.TypeBCD16, mapping.TypeBCD32:
		v, ok := fromBCD(bits)
		if !ok {
			return nil, mapping.BadDecodingError
		}
		return new(big.Rat).SetInt64(int64(v)), mapping.Good
	case mapping.TypeFloat16:
		f = shortHalf(uint16(bits))
		size = 64
	case mapping.TypeFloat32:
		f = float64(math.Float32frombits(uint32(bits)))
	case mapping.TypeFloat64:
		f, size = math.Float64frombits(bits), 64
	default:
		return new(big.Rat).SetInt(new(big.Int).SetUint64(bits)), mapping.Good
	}
	r, ok := new(big.Rat).SetString(strconv.FormatFloat(f, 'g', -1, size))
	if !ok { // NaN or an infinity
		return nil, mapping.BadNoData
	}
	return r, mapping.Good
}

// scaled is raw in engineering units, clamped, with its quality and its enumeration text.
func scaled(t *mapping.Tag, raw *big.Rat) Value {
	s := &t.Scaling
	v := Value{Kind: Float}
	eng := new(big.Rat).Set(raw)
	switch s.Kind {
	case mapping.Unscaled:
		if !isFloat(typeOf(t)) && t.ScaleBy == 0 {
			v.Kind = Integer
		}
	case mapping.Linear:
		eng.Mul(eng, rat(s.Scale)).Add(eng, rat(s.Offset))
	case mapping.FromRange:
		span := new(big.Rat).Sub(rat(s.RawMax), rat(s.RawMin))
		eng.Sub(eng, rat(s.RawMin)).Quo(eng, span)
		span.Sub(rat(s.EngMax), rat(s.EngMin))
		eng.Mul(eng, span).Add(eng, rat(s.EngMin))
	}
	if s.Kind != mapping.Unscaled || t.ScaleBy != 0 {
		eng = round15(eng)
	}
	if lo, hi := engRange(s); t.Clamp&mapping.ClampLow != 0 && eng.Cmp(lo) < 0 {
		eng, v.Quality = lo, mapping.GoodClamped
	} else if t.Clamp&mapping.ClampHigh != 0 && eng.Cmp(hi) > 0 {
		eng, v.Quality = hi, mapping.GoodClamped
	}
	if t.Min.Set && eng.Cmp(rat(t.Min.Decimal)) < 0 || t.Max.Set && eng.Cmp(rat(t.Max.Decimal)) > 0 {
		v.Quality = mapping.UncertainUnitsExceeded
	}
	v.Number, _ = eng.Float64()
	v.Text = strconv.FormatFloat(v.Number, 'f', -1, 64)
	if v.Kind == Integer && eng.IsInt() {
		v.Text = eng.Num().String()
	}
	for _, e := range t.Enum {
		if eng.Cmp(new(big.Rat).SetInt64(e.Value)) == 0 {
			v.Enum = e.Text
		}
	}
	return v
}

// engRange is the engineering range, its lower end first.
func engRange(s *mapping.Scaling) (lo, hi *big.Rat) {
	lo, hi = rat(s.EngMin), rat(s.EngMax)
	if lo.Cmp(hi) > 0 {
		lo, hi = hi, lo
	}
	return lo, hi
}
