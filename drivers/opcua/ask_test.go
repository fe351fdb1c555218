package opcua

import (
	"math"
	"slices"
	"strings"
	"testing"
	"unicode"

	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping"
)

// FuzzProperty takes any value for one of a property that says what another one means.
func FuzzProperty(f *testing.F) {
	extension := func(id wire.NodeID, body []byte) []byte {
		return wire.AppendBytes(append(wire.AppendNodeID([]byte{22}, id), 1), body)
	}
	float := func(v ...float64) (b []byte) {
		for _, x := range v {
			b = wire.AppendDouble(b, x)
		}
		return b
	}
	f.Add(extension(wire.RangeEncoding, float(0, 200)))
	f.Add(extension(wire.RangeEncoding, float(-math.MaxFloat64, math.MaxFloat64)))
	f.Add(extension(wire.RangeEncoding, float(0, math.NaN())))
	f.Add(extension(wire.UnitEncoding, []byte{0, 0, 0, 0, 1, 0, 0, 0, 2, 3, 0, 0, 0, 'b', 10, 'r', 0}))
	f.Add([]byte{0x95, 2, 0, 0, 0, 2, 1, 0, 0, 0, 'a', 2, 1, 0, 0, 0, 'b'})
	f.Add([]byte{0x96, 1, 0, 0, 0, 1, 0, 0x3B, 0x20, 1, 11, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Add([]byte{21, 2, 1, 0, 0, 0, 'a'})
	f.Fuzz(func(t *testing.T, raw []byte) {
		v := wire.NewReader(raw).Variant()
		for _, name := range []string{propUnit, propRange, propTexts, propValues, propFalse, propTrue} {
			var facts Facts
			facts.property(name, v)
			if !(facts.Span >= 0) || math.IsInf(facts.Span, 0) {
				t.Errorf("%s: a range %v wide", name, facts.Span)
			}
			for _, text := range append([]string{facts.Unit}, texts(facts.Enum)...) {
				if len(text) > maxText || strings.ContainsFunc(text, unicode.IsControl) || strings.TrimSpace(text) != text {
					t.Errorf("%s: the text %q", name, text)
				}
			}
			for i := 1; i < len(facts.Enum); i++ {
				if facts.Enum[i].Value <= facts.Enum[i-1].Value {
					t.Errorf("%s: texts are not sorted: %v", name, facts.Enum)
				}
			}
		}
	})
}

func texts(list []mapping.EnumText) (all []string) {
	for _, e := range list {
		all = append(all, e.Text)
	}
	return all
}

// TestTextsOfEnumerations has values twice, out of order and without a text.
func TestTextsOfEnumerations(t *testing.T) {
	got := tidyTexts([]wire.EnumText{{Value: 5, Text: "five"}, {Value: -1, Text: " minus\tone "}, {Value: 5, Text: "again"}, {Value: 7}})
	if want := []mapping.EnumText{{Value: -1, Text: "minus one"}, {Value: 5, Text: "five"}}; !slices.Equal(got, want) {
		t.Errorf("texts %v, want %v", got, want)
	}
}
