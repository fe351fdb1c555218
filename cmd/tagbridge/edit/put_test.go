package edit

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// putFiles are the texts of change n: a configuration and maps in two folders.
func putFiles(dir string, n int) (texts []Text) {
	for _, name := range []string{"plant.yaml", "a.csv", "sub/c.csv"} {
		texts = append(texts, Text{filepath.Join(dir, name), []byte(mapText(name, n))})
	}
	return texts
}

// TestKilledPut kills a process that writes three files again and again: after Recover all of them are of one change, whatever was killed.
func TestKilledPut(t *testing.T) {
	if dir := os.Getenv("EDIT_PUTTER"); dir != "" {
		for n := changeIn(read(t, filepath.Join(dir, "plant.yaml"))) + 1; ; n++ {
			if err := Put(filepath.Join(dir, "data"), "a test", putFiles(dir, n)); err != nil {
				fmt.Println(err)
				os.Exit(3)
			}
			fmt.Println("put", n)
		}
	}
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	if err := Put(data, "a test", putFiles(dir, 1)); err != nil {
		t.Fatal(err)
	}
	taken := 0
	for run := range 40 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilledPut$")
		cmd.Env = append(os.Environ(), "EDIT_PUTTER="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := out.Read(make([]byte, 4)); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Duration(run*37%100) * 100 * time.Microsecond)
		cmd.Process.Kill()
		cmd.Wait()
		text, err := Recover(data)
		if err != nil {
			t.Fatal(err)
		}
		if text != "" {
			taken++
		}
		n := changeIn(read(t, filepath.Join(dir, "plant.yaml")))
		for _, f := range putFiles(dir, n) {
			if got := read(t, f.Path); got != string(f.Content) {
				t.Fatalf("run %d: %s is of change %d, the configuration of %d", run, f.Path, changeIn(got), n)
			}
		}
		for _, pattern := range []string{".tagbridge*", "sub/.tagbridge*", "data/*/*"} {
			if left, _ := filepath.Glob(filepath.Join(dir, pattern)); len(left) > 0 {
				t.Fatalf("run %d, left behind: %v", run, left)
			}
		}
	}
	if taken == 0 {
		t.Error("it was never killed in the middle of a change")
	}
}

// TestPutAllOrNone has nothing be changed when one of the files cannot be.
func TestPutAllOrNone(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	write(t, filepath.Join(dir, "a.csv"), "old")
	if err := os.Mkdir(filepath.Join(dir, "b.csv"), 0o755); err != nil {
		t.Fatal(err)
	}
	texts := []Text{{filepath.Join(dir, "a.csv"), []byte("new")}, {filepath.Join(dir, "deep/er/f.csv"), []byte("new")}, {filepath.Join(dir, "b.csv"), []byte("new")}}
	if err := Put(data, "a test", texts); err == nil || !strings.Contains(err.Error(), "b.csv: is no regular file") {
		t.Errorf("Put = %v", err)
	}
	if got := read(t, filepath.Join(dir, "a.csv")); got != "old" {
		t.Errorf("a.csv is %q", got)
	}
	if err := Put(data, "a test", texts[:2]); err != nil {
		t.Fatal(err)
	}
	if got := read(t, filepath.Join(dir, "deep/er/f.csv")); got != "new" {
		t.Errorf("f.csv is %q", got)
	}
}

// TestPutBackFresh has a file that was not there be gone again, unless somebody else has written it since.
func TestPutBackFresh(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	r, err := newRecord("a test", []Text{{filepath.Join(dir, "a.csv"), []byte("new")}, {filepath.Join(dir, "b.csv"), []byte("new")}})
	if err == nil {
		err = errors.Join(r.write(data), r.prepareAll(), r.putAllOrNone())
	}
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "b.csv"), "mine")
	if text, err := Recover(data); text == "" || err != nil {
		t.Errorf("Recover = %q, %v", text, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "a.csv")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a.csv is still there: %v", err)
	}
	if got := read(t, filepath.Join(dir, "b.csv")); got != "mine" {
		t.Errorf("b.csv is %q", got)
	}
}

// TestOneTurn has one who is at it keep others from it, and one who has ended not.
func TestOneTurn(t *testing.T) {
	data := t.TempDir()
	turn, err := takeTurn(data)
	if err != nil {
		t.Fatal(err)
	}
	if _, held, err := lockFolder(filepath.Join(data, "configurations")); err != nil || !held {
		t.Errorf("a second one: held %v, %v", held, err)
	}
	turn.Close()
	if again, err := takeTurn(data); err != nil {
		t.Error(err)
	} else {
		again.Close()
	}
}
