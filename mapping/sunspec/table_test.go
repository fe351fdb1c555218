package sunspec

import (
	"os"
	"strings"
	"testing"
)

// lengths are those that the specification has, without groups of which there may be any number.
var lengths = map[int]int{
	1: 66, 101: 50, 102: 50, 103: 50, 111: 60, 112: 60, 113: 60, 120: 26, 121: 30, 122: 44, 123: 24, 124: 24, 160: 8,
	201: 105, 202: 105, 203: 105, 204: 105, 211: 124, 212: 124, 213: 124, 214: 124, 701: 153, 702: 50, 703: 17, 713: 7,
	802: 62,
}

func TestModels(t *testing.T) {
	if len(modelsText) > 60<<10 {
		t.Errorf("the table has %d bytes", len(modelsText))
	}
	if n := len(models()); n != 36 {
		t.Errorf("%d models, want 36", n)
	}
	for id, want := range lengths {
		if m := ModelOf(id); m == nil || m.registers() != want {
			t.Errorf("model %d: %+v, want %d registers", id, m, want)
		}
	}
	for id, m := range models() {
		if m.Points[0].Name != "ID" || m.Points[1].Name != "L" || m.Label == "" {
			t.Errorf("model %d begins with %v", id, m.Points[:2])
		}
	}
	if ModelOf(2) != nil {
		t.Error("model 2 is known")
	}
}

func TestParseModelsRejects(t *testing.T) {
	for _, text := range []string{
		"model x\ta\tb\n", "model 1\ta\n", "model 1\ta\tb\n=1\n", "model 1\ta\tb\nW\tuint15\n", "model 1\ta\tb\nW\tstring:x\n",
		"model 1\ta\tb\n{\tx\n}\n", "model 1\ta\tb\nW\tenum16\t\t\t\tx=A\n", "model 1\ta\tb\n}\nW\tint16\n",
	} {
		if _, err := parseModels(text); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}

// The table bears the notice of those whose models it is made of.
func TestNotice(t *testing.T) {
	notice, err := os.ReadFile("NOTICE")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"SunSpec Alliance", "Apache", "Changed:"} {
		if !strings.Contains(string(notice), want) {
			t.Errorf("NOTICE does not say %q", want)
		}
	}
}
