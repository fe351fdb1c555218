package config

import (
	"os"
	"strings"
	"testing"

	"tagbridge/mapping/tagmap"
)

// TestCache loads the same files again: unchanged maps keep their tags and their warnings, an edited one is read anew.
func TestCache(t *testing.T) {
	path := plantFiles(t, 3, 20)
	edited := strings.TrimSuffix(path, "plant.yaml") + "map1.csv"
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(edited, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(plantMap(20) + "x,40001,,,,,7\n") // a unit that is a bare number
	o := Options{Cache: &tagmap.Cache{}}
	first, warnings := Load(path, o)
	again, ps := Load(path, o)
	for i := range first.Devices {
		if first.Devices[i].Tags[0] != again.Devices[i].Tags[0] {
			t.Errorf("device %d: unchanged, and other tags", i)
		}
	}
	if len(warnings) == 0 || len(ps) != len(warnings) {
		t.Errorf("first %v, then %v", warnings, ps)
	}
	write(plantMap(21))
	again, _ = Load(path, o)
	if first.Devices[0].Tags[0] != again.Devices[0].Tags[0] || first.Devices[1].Tags[0] == again.Devices[1].Tags[0] {
		t.Error("after an edit of map1.csv")
	}
	if d := Diff(first, again).Devices; len(d.Changed) != 1 || d.Changed[0] != "plc1" {
		t.Errorf("changed: %+v", d)
	}
	write("tag,address\nbroken,1\n")
	if _, ps := Load(path, o); !ps.HasProblems() {
		t.Error("a broken map has no problem")
	}
	if _, ps := Load(path, o); !ps.HasProblems() {
		t.Error("a broken map has no problem the second time")
	}
}
