package config

import (
	"slices"
	"strings"
	"testing"

	"tagbridge/mapping/source"
)

// A map means the same with its cells made harmless.
func TestHarmlessCells(t *testing.T) {
	texts := map[string]string{"unit": "@kW", "description": "-> pump; =P1", "enum": "-1=fault;0=off", "invalid": "-1|-2",
		"label.vendor": "+Siemens", "type": "int16"}
	var header, row, harmless []string
	for name, text := range texts {
		header, row, harmless = append(header, name), append(row, `"`+text+`"`), append(harmless, `"`+source.Harmless(text)+`"`)
	}
	head := "tag,address," + strings.Join(header, ",") + "\nt,40001,"
	want, ps := loadMap(t, head+strings.Join(row, ",")+"\n")
	if ps.HasProblems() {
		t.Fatal(ps)
	}
	got, ps := loadMap(t, head+strings.Join(harmless, ",")+"\n")
	if ps.HasProblems() || len(got) != 1 {
		t.Fatal(ps)
	}
	if g, w := got[0], want[0]; g.Unit != w.Unit || g.Description != w.Description || !slices.Equal(g.Enum, w.Enum) ||
		!slices.Equal(g.Invalid, w.Invalid) || !slices.Equal(g.Labels, w.Labels) {
		t.Errorf("loaded %+v\n  want %+v", g, w)
	}
	// A formula stays text where text may stand, and is none where a number is wanted.
	if tags, ps := loadMap(t, "tag,address,description\nt,40001,'=A1+1\n"); len(ps) != 0 || tags[0].Description != "=A1+1" {
		t.Errorf("description %v, %v", tags, ps)
	}
	if _, ps := loadMap(t, "tag,address,scale\nt,40001,'=A1\n"); !ps.HasProblems() {
		t.Error("a formula as scale")
	}
	if tags, _ := loadMap(t, "tag,address,description\nt,40001,'s Gravenhage\n"); tags[0].Description != "'s Gravenhage" {
		t.Errorf("description %q", tags[0].Description)
	}
}
