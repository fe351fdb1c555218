package edit

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// changed is a folder with two maps, and a change of both that was not begun.
func changed(t *testing.T) (dir, data string, r *record) {
	t.Helper()
	dir = t.TempDir()
	data = filepath.Join(dir, "data")
	r = &record{By: "anna"}
	for _, name := range []string{"a.csv", "b.csv"} {
		write(t, filepath.Join(dir, name), "old "+name)
		text := []byte("new " + name)
		r.Swaps = append(r.Swaps, &swap{Path: filepath.Join(dir, name), Old: []byte("old " + name), New: sumOf(text), text: text})
	}
	return dir, data, r
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// steps are those of a change, as commit makes them up to the reload.
func steps(t *testing.T, data string, r *record) []func() {
	must := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	return []func(){
		func() { must(r.write(data)) },
		func() { must(r.Swaps[0].prepare()) },
		func() { must(r.Swaps[1].prepare()) },
		func() { must(r.Swaps[0].put()) },
		func() { must(r.Swaps[1].put()) },
		func() { must(r.Swaps[0].back()) }, // it was refused
		func() { must(r.Swaps[1].back()) },
	}
}

// TestRecoverAfterEachStep is killed after each step of a change: the next start finds the files as they were.
func TestRecoverAfterEachStep(t *testing.T) {
	for n := range 8 {
		dir, data, r := changed(t)
		all := steps(t, data, r)
		for _, step := range all[:min(n, len(all))] {
			step()
		}
		if n == 5 && read(t, filepath.Join(dir, "b.csv")) != "new b.csv" {
			t.Fatal("the change was not made")
		}
		text, err := Recover(data)
		if err != nil || (text != "") != (n > 0) {
			t.Errorf("after %d steps: %q, %v", n, text, err)
		}
		for _, name := range []string{"a.csv", "b.csv"} {
			if got := read(t, filepath.Join(dir, name)); got != "old "+name {
				t.Errorf("after %d steps: %s is %q", n, name, got)
			}
		}
		if again, err := Recover(data); again != "" || err != nil {
			t.Errorf("after %d steps, again: %q, %v", n, again, err)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, ".tagbridge*")); len(left) > 0 {
			t.Errorf("after %d steps, left behind: %v", n, left)
		}
	}
}

// TestRecoverLeavesWhatOthersWrote has somebody edit a file before the next start.
func TestRecoverLeavesWhatOthersWrote(t *testing.T) {
	dir, data, r := changed(t)
	for _, step := range steps(t, data, r)[:5] {
		step()
	}
	write(t, filepath.Join(dir, "a.csv"), "mine")
	os.Remove(r.Swaps[1].beside()) // cleaned up by somebody
	if _, err := Recover(data); err != nil {
		t.Fatal(err)
	}
	if a, b := read(t, filepath.Join(dir, "a.csv")), read(t, filepath.Join(dir, "b.csv")); a != "mine" || b != "old b.csv" {
		t.Errorf("%q, %q", a, b)
	}
}

// TestPutSeesOthers has a file be changed at the last moment.
func TestPutSeesOthers(t *testing.T) {
	dir, _, r := changed(t)
	s := r.Swaps[0]
	if err := s.prepare(); err != nil {
		t.Fatal(err)
	}
	write(t, s.Path, "mine")
	if err := s.put(); err != errChanged || read(t, s.Path) != "mine" {
		t.Errorf("%v, %q", err, read(t, s.Path))
	}
	s.drop()
	if left, _ := filepath.Glob(filepath.Join(dir, ".tagbridge*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestInSteps is the exchange for file systems that have none.
func TestInSteps(t *testing.T) {
	_, _, r := changed(t)
	s := r.Swaps[0]
	if err := s.prepare(); err != nil {
		t.Fatal(err)
	}
	if err := s.inSteps(); err != nil || read(t, s.Path) != "new a.csv" || read(t, s.beside()) != "old a.csv" {
		t.Errorf("%v", err)
	}
	if err := s.inSteps(); err != nil || read(t, s.Path) != "old a.csv" || read(t, s.beside()) != "new a.csv" {
		t.Errorf("%v", err)
	}
}

// TestPrepareOnAFullDisk leaves the file as it is, and nothing beside it.
func TestPrepareOnAFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Logf("a small file system cannot be mounted, nothing is tested: %v", err)
		return
	}
	t.Cleanup(func() { syscall.Unmount(dir, 0) })
	path := filepath.Join(dir, "a.csv")
	write(t, path, "old")
	text := []byte(strings.Repeat("new row\n", 20_000))
	s := &swap{Path: path, Old: []byte("old"), New: sumOf(text), text: text}
	if err := s.prepare(); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("%v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 || read(t, path) != "old" {
		t.Errorf("left behind: %v, %q", left, read(t, path))
	}
}
