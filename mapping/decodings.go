package mapping

import "slices"

// Decoding is what registers give with one type and byte order.
type Decoding struct {
	Type      string // as a tag map has it
	Order     Order
	Registers int    // that it takes, from the first on
	JSON      []byte // the value; null when there is none
	Quality   Quality
}

// compared are the types that registers are compared in, the smaller first.
var compared = [...]typeAndLength{
	{TypeInt16, 0}, {TypeUint16, 0}, {TypeFloat16, 0}, {TypeBCD16, 0}, {TypeInt32, 0}, {TypeUint32, 0}, {TypeFloat32, 0}, {TypeBCD32, 0},
	{TypeInt64, 0}, {TypeUint64, 0}, {TypeFloat64, 0},
}

// ComparedTypes are the names of the types that a number usually has, the smaller first.
func ComparedTypes() []string {
	var names []string
	for _, t := range compared {
		names = append(names, t.Text(t.length))
	}
	return names
}

// rare are more of them: they are shown where they give a value, and another one than the common types.
var rare = [...]typeAndLength{
	{TypeBCD8, 0}, {TypeSM16, 0}, {TypeInt24, 0}, {TypeUint24, 0}, {TypeSM32, 0}, {TypeMod10k, 2}, {TypeInt48, 0}, {TypeUint48, 0}, {TypeMod10k, 3},
	{TypeMod10k, 4}, {TypeDatetime, dateEpoch}, {TypeDatetime, dateEpochMS}, {TypeDatetime, dateIEC}, {TypeDatetime, dateBCD},
	{TypeDatetime, datePacked}, {TypeDatetime, dateSix},
}

// typeAndLength is a type with what comes after its colon.
type typeAndLength struct {
	Type
	length int
}

// maxCompared is of how many bytes texts are made: more are not compared at a glance.
const maxCompared = 2 * 32

// Decodings is what raw, registers in the order of the wire, gives in every type that fits it and in every byte order that
// makes a difference, scaled as s says: by the codecs that tags have, so that what is shown is what a row with this type and
// order would give. It is for people who look for the right ones: nothing is limited or taken for no value.
func Decodings(raw []byte, s Scaling) []Decoding {
	var list []Decoding
	for _, t := range compared {
		list = t.appendTo(list, raw, s, false)
	}
	n := min(len(raw), maxCompared) &^ 1
	if n > 0 {
		list = typeAndLength{TypeString, n}.appendTo(list, raw, Scaling{}, false)
	}
	for _, t := range rare {
		list = t.appendTo(list, raw, s, true)
	}
	if n > 2 {
		list = typeAndLength{TypeChars, n / 2}.appendTo(list, raw, Scaling{}, true)
	}
	return list
}

// appendTo adds what raw gives as t in each order; with only, where there is a value that is not among those of its size.
func (t typeAndLength) appendTo(list []Decoding, raw []byte, s Scaling, only bool) []Decoding {
	n := t.registersOf(t.length)
	if 2*n > len(raw) {
		return list
	}
	if t.IsText() {
		s = Scaling{}
	}
	for _, o := range t.orders(n) {
		d := decodingOf(raw[:2*n], &Tag{Traits: &Traits{Type: t.Type, Length: t.length, Order: o, Scaling: s}})
		known := func(k Decoding) bool {
			return k.Registers == d.Registers && k.Order == d.Order && string(k.JSON) == string(d.JSON)
		}
		if only && (d.Quality.IsBad() || string(d.JSON) == `""` || slices.ContainsFunc(list, known)) {
			continue
		}
		list = append(list, d)
	}
	return list
}

// orders are the byte orders that differ for a value of n registers.
func (t typeAndLength) orders(n int) []Order {
	if n == 1 || t.Type == TypeString || t.Type == TypeChars {
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
		Type: t.TypeText(), Order: t.Order, Registers: len(raw) / 2, Quality: s.Quality,
		JSON: slices.Clip(AppendJSONValue(nil, series, &s, text)),
	}
}
