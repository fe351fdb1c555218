package hostile

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	f, err := Parse("exception:4 to=unit:1 to=register:20 after=2 every=3 times=5")
	if err != nil || f.What != "exception" || f.Value != "4" || len(f.To) != 2 || f.After != 2 || f.Every != 3 || f.Times != 5 {
		t.Errorf("%+v, %v", f, err)
	}
	for line, want := range map[string]string{
		"":               "says nothing",
		"hangup every=0": "every=0",
		"hangup soon":    "soon",
		"hangup when=3":  "unknown",
		"hangup to=":     "to=",
	} {
		if _, err := Parse(line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q): %v, want %q", line, err, want)
		}
	}
	if _, err := NewPLC("explode"); err == nil || !strings.Contains(err.Error(), "knows silent") {
		t.Errorf("an unknown fault: %v", err)
	}
}

// TestScriptCounts wants a fault when it is its turn, and at no other time.
func TestScriptCounts(t *testing.T) {
	s, err := newScript([]string{"a"}, []string{"a to=x after=2 every=2 times=2"})
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for range 9 {
		if s.next(func(string) bool { return false }).What != "" {
			t.Error("a fault to somebody else")
		}
		if s.next(func(text string) bool { return text == "x" }).What == "" {
			got += "."
		} else {
			got += "!"
		}
	}
	if got != "...!.!..." || s.Struck() != 2 {
		t.Errorf("faults %s, struck %d", got, s.Struck())
	}
}
