package mapping

import "slices"

// Decoding is what registers give with one type and byte order.
type Decoding struct {
	Type      Type
	Order     Order
	Registers int    // that it takes, from the first on
	JSON      []byte // the value; null when there is none
	Quality   Quality
}

// compared are the types that registers are compared in, the smaller first.
var compared = [...]Type{
	TypeInt16, TypeUint16, TypeFloat16, TypeBCD16, TypeInt32, TypeUint32, TypeFloat32, TypeBCD32,
	TypeInt64, TypeUint64, TypeFloat64,
}

// maxCompared is of how many bytes texts are made: more are not compared at a glance.
const maxCompared = 2 * 32

// Decodings is what raw, registers in the order of the wire, gives in every type that fits it and in every byte order that
// makes a difference, scaled as s says: by the codecs that tags have, so that what is shown is what a row with this type and
// order would give. It is for people who look for the right ones: nothing is limited or taken for no value.
func Decodings(raw []byte, s Scaling) []Decoding {
	var list []Decoding
	for _, t := range compared {
		n := t.Registers()
		if 2*n > len(raw) {
			continue
		}
		for _, o := range ordersOf(n) {
			list = append(list, decodingOf(raw[:2*n], &Tag{Traits: &Traits{Type: t, Order: o, Scaling: s}}))
		}
	}
	if n := min(len(raw), maxCompared) &^ 1; n > 0 {
		for _, o := range ordersOf(1) {
			list = append(list, decodingOf(raw[:n], &Tag{Traits: &Traits{Type: TypeString, Order: o, Length: n}}))
		}
	}
	return list
}

// ordersOf are the byte orders that differ for a value of n registers, or for texts, n being 1.
func ordersOf(n int) []Order {
	if n == 1 {
		return []Order{ABCD, BADC}
	}
	return []Order{ABCD, CDAB, BADC, DCBA}
}

func decodingOf(raw []byte, t *Tag) Decoding {
	c := Compile(t)
	var b Batch
	var s Sample
	c.Registers(raw, &b, &s)
	var text []byte
	if s.Kind == Text {
		text = b.Text(&s)
	}
	series := &Series{SeriesTraits: NewSeriesTraits(t, c)}
	return Decoding{
		Type: t.Type, Order: t.Order, Registers: len(raw) / 2, Quality: s.Quality,
		JSON: slices.Clip(AppendJSONValue(nil, series, &s, text)),
	}
}
