package source

import (
	"testing"
)

func TestFormulasAreHarmless(t *testing.T) {
	for _, text := range []string{"=cmd|' /C calc'!A0", "+1+1", "-a", "@SUM(A1)", "\tx", "'=a", "''"} {
		if got := Harmless(text); got != "'"+text {
			t.Errorf("Harmless(%q) = %q", text, got)
		}
	}
	for _, text := range []string{"", "-1", "+0.5", "1e-3", "text", "-1e9", "'s", "'"} {
		if got := Harmless(text); got != text {
			t.Errorf("Harmless(%q) = %q", text, got)
		}
	}
}

func FuzzHarmless(f *testing.F) {
	for _, text := range []string{"", "=1", "'=1", "''", "'''-a", "-1", "'x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		cell := Harmless(text)
		if got := Plain(cell); got != text || formula(cell) {
			t.Errorf("%q is the cell %q, read as %q", text, cell, got)
		}
	})
}
