package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
)

const smallPlant = `bridge: {name: b, data_dir: data, http: ""}
devices:
  - {name: boiler, driver: modbus, url: "tcp://10.0.0.1:502", tags: [map.csv]}
sinks:
  - {name: screen, type: file, path: "-"}
`

func TestDiffStatus(t *testing.T) {
	dir := folder(t, map[string]string{
		"plant.yaml": smallPlant,
		"other.yaml": strings.Replace(smallPlant, "name: screen", "name: tty", 1),
		"wrong.yaml": strings.Replace(smallPlant, "driver: modbus", "driver: modbuz", 1),
		"map.csv":    "tag,address\ntemp,40001\n",
	})
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, c := range []struct {
		old, new, out string
		want          int
	}{
		{"plant.yaml", "plant.yaml", "", exitOK},
		{"plant.yaml", "other.yaml", "sink screen: removed\nsink tty: added (file)\n", exitFailed},
		{"plant.yaml", "wrong.yaml", "", exitBadFile},
	} {
		status, out, _ := typed(t, "", "diff", at(c.old), at(c.new))
		if status != c.want || out != c.out {
			t.Errorf("diff %s %s: status %d, %q", c.old, c.new, status, out)
		}
	}
}

// TestDiffWithWhatWasApplied compares what is on disk with what a bridge has applied, whatever the folder is called.
func TestDiffWithWhatWasApplied(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "line [3]")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	first := "tag,address\ntemp,40001\n"
	// The sink's path is relative, so that both sides have to be read as they are at the same place.
	main := strings.Replace(smallPlant, `path: "-"`, "path: out.json", 1)
	rewrite(t, dir, "plant.yaml", main)
	rewrite(t, dir, "map.csv", first)
	h := bridge.HistoryIn(filepath.Join(dir, "data"))
	apply := func(name, text string, replaced bool) {
		t.Helper()
		files := []bridge.File{bridge.NewFile(filepath.Join(dir, name), []byte(main)), bridge.NewFile(filepath.Join(dir, "map.csv"), []byte(text))}
		add := h.Add
		if replaced {
			add = h.AddReplaced
		}
		if err := add(files, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	is := func(what string, want int, out, complaint string, args ...string) {
		t.Helper()
		status, o, complaints := typed(t, "", append([]string{"diff"}, args...)...)
		if status != want || o != out || !strings.Contains(complaints, complaint) {
			t.Errorf("%s: status %d, printed %q, complained %q", what, status, o, complaints)
		}
	}
	t.Chdir(dir)
	is("nothing applied", exitBadFile, "", "nothing was applied yet of "+dir, "plant.yaml")
	apply("other.yaml", first, false)
	is("another one applied", exitBadFile, "", "ran "+filepath.Join(dir, "other.yaml")+" last", "plant.yaml")
	apply("plant.yaml", first, false)
	is("as applied", exitOK, "", "to what is on disk", "plant.yaml")
	is("as applied, by its whole path", exitOK, "", "", filepath.Join(dir, "plant.yaml"))
	rewrite(t, dir, "map.csv", "# only words\n"+first)
	is("other words", exitOK, "", "", "plant.yaml")
	rewrite(t, dir, "map.csv", first+"flow,40002\n")
	is("a tag more", exitFailed, "tag boiler/flow: added, holding:1 uint16\n", "", "plant.yaml")
	apply("plant.yaml", first+"flow,40002\n", true)
	is("what a rollback kept was not applied", exitFailed, "tag boiler/flow: added, holding:1 uint16\n", "", "plant.yaml")
	apply("plant.yaml", first+"flow,40002\n", false)
	is("applied", exitOK, "", "", "plant.yaml")
	rewrite(t, dir, "plant.yaml", strings.Replace(main, "data_dir: data", "data_dir: moved", 1))
	is("another data directory", exitBadFile, "", "--data-dir", "plant.yaml")
	is("which is named", exitFailed, "bridge: data_dir data -> moved\n", "", "plant.yaml", "--data-dir", "data")
	is("with two", exitBadFile, "", "one configuration", "plant.yaml", "plant.yaml", "--data-dir", "data")
	is("standard input", exitBadFile, "", "standard input", "-")
	rewrite(t, dir, "plant.yaml", main)
	rewrite(t, dir, "map.csv", "tag,address\ntemp,4000x\n")
	is("a problem", exitBadFile, "", "map.csv:2:6: problem", "plant.yaml")
	rewrite(t, dir, "map.csv", first)
	damageBlobs(t, h)
	is("damaged", exitBadFile, "", "cannot be read any more", "plant.yaml")
	if err := os.RemoveAll(h.Dir); err != nil {
		t.Fatal(err)
	}
	rewrite(t, filepath.Join(dir, "data"), "configurations", "no folder")
	is("no folder", exitBadFile, "", "read what was applied", "plant.yaml")
}

// damageBlobs spoils every file that a history keeps.
func damageBlobs(t *testing.T, h bridge.History) {
	t.Helper()
	entries, err := os.ReadDir(h.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".file") {
			rewrite(t, h.Dir, e.Name(), "cut")
		}
	}
}

func TestRollbackReturnsToWhatWasApplied(t *testing.T) {
	first := "tag,address\ntemp,40001\n"
	dir := folder(t, map[string]string{"plant.yaml": smallPlant, "map.csv": first})
	plant, tags := filepath.Join(dir, "plant.yaml"), filepath.Join(dir, "map.csv")
	if status, _, err := typed(t, "", "rollback", plant); status != exitFailed || !strings.Contains(err, "no configuration") {
		t.Errorf("without a history: status %d, %s", status, err)
	}
	h := bridge.HistoryIn(filepath.Join(dir, "data"))
	files := []bridge.File{bridge.NewFile(plant, []byte(smallPlant)), bridge.NewFile(tags, []byte(first))}
	if err := h.AddNoted(files, time.Now(), bridge.Note{By: "anna", Comment: "the boiler's \x1b[2J first map"}, nil); err != nil {
		t.Fatal(err)
	}
	second := first + "flow,40002\n"
	if err := os.WriteFile(tags, []byte(second), 0o640); err != nil {
		t.Fatal(err)
	}
	status, out, _ := typed(t, "", "rollback", plant)
	if status != exitOK || !strings.Contains(out, "map.csv") || !strings.Contains(out, "anna: the boiler's \uFFFD[2J first map") {
		t.Errorf("list: status %d, %s", status, out)
	}
	if status, _, _ := typed(t, "", "rollback", plant, "9"); status != exitFailed {
		t.Errorf("a number that is not there: status %d", status)
	}
	status, _, _ = typed(t, "", "rollback", plant, "1")
	if b, err := os.ReadFile(tags); status != exitOK || err != nil || string(b) != first {
		t.Errorf("rollback: status %d, %q, %v", status, b, err)
	}
	// What was replaced can be returned to as well.
	list, err := h.List()
	if err != nil || len(list) != 2 {
		t.Fatalf("%d kept, %v", len(list), err)
	}
	if b, err := h.Content(list[0].Files[1]); err != nil || string(b) != second {
		t.Errorf("kept %q, %v", b, err)
	}
	if !list[0].Replaced || list[1].Replaced {
		t.Errorf("%+v: which of them was applied?", list)
	}
	if _, out, _ := typed(t, "", "rollback", plant); strings.Count(out, "replaced by a rollback") != 1 {
		t.Errorf("list: %s", out)
	}
}

// Who rolls back is mostly root: the files stay the bridge's, and links links.
func TestRollbackKeepsOwnersAndLinks(t *testing.T) {
	dir := folder(t, map[string]string{"plant.yaml": smallPlant, "real.csv": "tag,address\nnew,40009\n"})
	plant, tags, real := filepath.Join(dir, "plant.yaml"), filepath.Join(dir, "map.csv"), filepath.Join(dir, "real.csv")
	if err := os.Symlink("real.csv", tags); err != nil {
		t.Fatal(err)
	}
	owner := os.Getuid()
	if owner == 0 {
		owner = 4711
		if err := os.Chown(real, owner, owner); err != nil {
			t.Fatal(err)
		}
	}
	first := "tag,address\ntemp,40001\n"
	files := []bridge.File{bridge.NewFile(plant, []byte(smallPlant)), bridge.NewFile(tags, []byte(first))}
	if err := bridge.HistoryIn(filepath.Join(dir, "data")).Add(files, time.Now()); err != nil {
		t.Fatal(err)
	}
	if status, _, complaints := typed(t, "", "rollback", plant, "1"); status != exitOK {
		t.Fatalf("status %d: %s", status, complaints)
	}
	b, err := os.ReadFile(real)
	if link, lerr := os.Readlink(tags); err != nil || lerr != nil || string(b) != first || link != "real.csv" {
		t.Errorf("%q (%v), link to %q (%v)", b, err, link, lerr)
	}
	info, err := os.Stat(real)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Sys().(*syscall.Stat_t).Uid; int(got) != owner {
		t.Errorf("owner %d, want %d", got, owner)
	}
}
