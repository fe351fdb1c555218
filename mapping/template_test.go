package mapping

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestTemplate(t *testing.T) {
	g := &Group{Bridge: "line-3", Device: "boiler", UnitID: 7}
	s := &Series{Tag: "zone/1", SeriesTraits: &SeriesTraits{Labels: []Label{{"area", "hall 1"}}}}
	value := func(dst []byte, text string) []byte { return append(append(append(dst, '<'), text...), '>') }
	for text, want := range map[string]string{
		"plain":                       "plain",
		"p/{bridge}/{device}/{tag}/x": "p/<line-3>/<boiler>/<zone/1>/x",
		"{unit_id}{label.area}":       "7<hall 1>",
		"{label.none}":                "<>",
		"{label.none|no area}/x":      "<no area>/x",
		"{label.area|none}":           "<hall 1>",
	} {
		parsed, err := ParseTemplate(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(parsed.Append(nil, g, s, value)); got != want || parsed.String() != text {
			t.Errorf("%s = %q, want %q", parsed, got, want)
		}
	}
	parsed, _ := ParseTemplate("{tag}/{label.a.b}{unit_id}x{device}{bridge}")
	if got, want := parsed.Fields(), []string{"tag", "label.a.b", "unit_id", "device", "bridge"}; !slices.Equal(got, want) {
		t.Errorf("fields %q, want %q", got, want)
	}
}

func TestTemplateFaults(t *testing.T) {
	for text, want := range map[string]string{
		"": "must not be empty", "{device": "do not pair", "device}": "do not pair", "{a{device}}": "do not pair", "x{": "do not pair",
		"{label.area|}": "nothing after |", "{label.|x}": "{label.|x} is none of", "{tag|x}": "{tag|x} is none of",
		"{device}}": "do not pair", "{}": "{} is none of", "{label.}": "{label.} is none of", "{unit}": "{unit} is none of {bridge}, {device}",
	} {
		_, err := ParseTemplate(text)
		var unknown *UnknownField
		if err == nil || !strings.Contains(err.Error(), want) || errors.As(err, &unknown) != strings.Contains(want, "none of") {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestTemplateNeeds(t *testing.T) {
	for text, want := range map[string]bool{
		"{label.area}": true, "{label.area|none}": false, "{label.area|none}/{label.area}": true, "{label.line}": false,
	} {
		if parsed, err := ParseTemplate(text); err != nil || parsed.Needs("area") != want {
			t.Errorf("%s needs the label area: %t, %v", text, !want, err)
		}
	}
}
