package source

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func TestFilesByName(t *testing.T) {
	t.Chdir(t.TempDir())
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	f := Over(map[string][]byte{"a.yaml": []byte("A"), here + "/maps/b.csv": nil, "-": []byte("IN"), "twice": []byte("1"), "./twice": []byte("0")})
	for path, want := range map[string]string{
		"a.yaml": "A true", "./a.yaml": "A true", here + "/a.yaml": "A true", "x/../a.yaml": "A true", "maps/b.csv": " true",
		"b.csv": " false", "": " false", "-": " false", "A.YAML": " false", "twice": "1 true",
	} {
		if text, found := f.Text(path); fmt.Sprintf("%s %v", text, found) != want {
			t.Errorf("%q: %q %v, want %s", path, text, found, want)
		}
	}
	if text, found := f.input(); string(text) != "IN" || !found {
		t.Errorf("standard input: %q %v", text, found)
	}
	var none *Files
	if _, found := none.Text("a.yaml"); found {
		t.Error("no files have a text")
	}
	if _, found := none.input(); found {
		t.Error("no files have an input")
	}
}

// A link that leads nowhere yet, and one in the middle of a path to what does not exist.
func TestFilesThroughLinks(t *testing.T) {
	dir := t.TempDir()
	for link, to := range map[string]string{"linked": ".", "loop": "loop"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	f := Over(map[string][]byte{dir + "/linked/new/map.csv": []byte("M"), dir + "/loop": []byte("L")})
	if text, _ := f.Text(dir + "/new/map.csv"); string(text) != "M" {
		t.Errorf("through a link: %q", text)
	}
	if text, _ := f.Text(dir + "/loop"); string(text) != "L" {
		t.Errorf("a link to itself: %q", text)
	}
}

func TestInstead(t *testing.T) {
	gone := errors.New("was not a part of it")
	f := Instead(func(path string) ([]byte, error) {
		if path == "a" {
			return []byte("A"), nil
		}
		return nil, gone
	})
	if text, found := f.Text("a"); string(text) != "A" || !found {
		t.Errorf("a: %q %v", text, found)
	}
	own := filepath.Join(t.TempDir(), "b")
	if err := os.WriteFile(own, []byte("disk"), 0o600); err != nil {
		t.Fatal(err)
	}
	d := NewLoader(Options{Files: f}).File(own)
	if _, err := d.bytes(); !errors.Is(err, gone) {
		t.Errorf("what is on disk was read: %v", err)
	}
}
