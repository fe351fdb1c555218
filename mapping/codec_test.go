package mapping

import (
	"encoding/hex"
	"strings"
	"testing"
)

// dec is a decimal of a test's table.
func dec(t testing.TB, s string) Decimal {
	t.Helper()
	d, err := ParseDecimal(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func bound(t testing.TB, s string) Bound {
	t.Helper()
	if s == "" {
		return Bound{}
	}
	return Bound{Decimal: dec(t, s), Set: true}
}

// newTag is a tag of type typ, as in "int16" or "string:5", in order o.
func newTag(t testing.TB, typ, o string) *Tag {
	t.Helper()
	kind, length, err := ParseType(typ)
	if err != nil {
		t.Fatal(err)
	}
	order := ABCD
	if o != "" {
		if order, err = ParseOrder(o); err != nil {
			t.Fatal(err)
		}
	}
	return &Tag{Name: "t", Address: Address{Table: Holding}, Traits: &Traits{Type: kind, Length: length, Order: order}}
}

func linear(t testing.TB, scale, offset string) Scaling {
	t.Helper()
	return Scaling{Kind: Linear, Scale: dec(t, scale), Offset: dec(t, offset)}
}

func span(t testing.TB, rawMin, rawMax, engMin, engMax string) Scaling {
	t.Helper()
	return Scaling{
		Kind: FromRange, RawMin: dec(t, rawMin), RawMax: dec(t, rawMax), EngMin: dec(t, engMin), EngMax: dec(t, engMax),
	}
}

// wire is registers written as hex, with blanks where one likes.
func wire(t testing.TB, s string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// show is what a sink would write: the value as JSON, then the kind's and quality's names.
func show(s *Sample, b *Batch, exp int8) string {
	value := "null"
	switch s.Kind {
	case None:
	case Bool:
		value = map[uint64]string{0: "false", 1: "true"}[s.Bits]
	case Text:
		value = string(b.Text(s))
	default:
		value = string(AppendJSONNumber(nil, s, exp))
	}
	names := [...]string{"None", "Bool", "Int", "Uint", "Int64", "Uint64", "F32", "F64", "Dec", "Text"}
	return value + " " + names[s.Kind] + " " + s.Quality.String()
}

// decoded is what the registers raw give for tag.
func decoded(t testing.TB, tag *Tag, raw string) string {
	t.Helper()
	c := Compile(tag)
	var b Batch
	var s Sample
	c.Registers(wire(t, raw), &b, &s)
	return show(&s, &b, c.Exp())
}
