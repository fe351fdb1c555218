package file

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tagbridge/sinks/encode"
	"tagbridge/testrig/filelimit"
)

// generation is the i-th file of path, 0 the present one.
func generation(path string, i int) string {
	if i == 0 {
		return path
	}
	return path + "." + strconv.Itoa(i)
}

// TestRotationFollowsALink has the path be a link to another disk: all files stay there.
func TestRotationFollowsALink(t *testing.T) {
	link := filepath.Join(t.TempDir(), "out")
	target := filepath.Join(t.TempDir(), "data")
	if err := os.WriteFile(target, nil, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	s := open(t, Options{Path: link, MaxSize: 400})
	for v := range uint64(60) {
		send(t, s, v)
	}
	if to, err := os.Readlink(link); err != nil || to != target {
		t.Errorf("the link leads to %q, %v", to, err)
	}
	if there, err := filepath.Glob(link + "*"); err != nil || len(there) != 1 {
		t.Errorf("beside the link there are %q, %v", there, err)
	}
	for i := range Kept + 1 {
		if info, err := os.Lstat(generation(target, i)); err != nil || !info.Mode().IsRegular() || info.Size() > 400 {
			t.Errorf("file %d: %v, %v", i, info, err)
		}
	}
}

// TestRotationCutShortCostsNoFile has a rotation end after any of its renames, as by a kill: the next one loses no more
// than one whole rotation does.
func TestRotationCutShortCostsNoFile(t *testing.T) {
	for renames := range Kept {
		path := filepath.Join(t.TempDir(), "out")
		for i := range Kept + 1 {
			if err := os.WriteFile(generation(path, i), []byte(strconv.Itoa(i)), 0o640); err != nil {
				t.Fatal(err)
			}
		}
		for i := Kept; i > Kept-renames; i-- {
			if err := os.Rename(generation(path, i-1), generation(path, i)); err != nil {
				t.Fatal(err)
			}
		}
		if err := putAside(path); err != nil {
			t.Fatal(err)
		}
		for i := range Kept {
			if text := read(t, generation(path, i+1)); text != strconv.Itoa(i) {
				t.Errorf("after %d renames: file %d is %q, want %d", renames, i+1, text, i)
			}
		}
	}
}

// TestFileThatIsCutByAnother has logrotate's copytruncate empty the file, and then the disk be full in the middle of a
// write: what follows begins where the file ends now, with a header of its own.
func TestFileThatIsCutByAnother(t *testing.T) {
	if !filelimit.Alone(t) {
		return
	}
	for _, format := range []string{"json", "csv"} {
		path := filepath.Join(t.TempDir(), "out")
		s := open(t, Options{Path: path, Format: format, MaxSize: 1 << 20})
		for v := range uint64(20) {
			send(t, s, v)
		}
		if err := os.Truncate(path, 0); err != nil {
			t.Fatal(err)
		}
		send(t, s, 20)
		filelimit.Under(t, uint64(len(read(t, path)))+50, func() {
			if n, err := s.Send(context.Background(), view(21, 22, 23)); n != 0 || err == nil {
				t.Errorf("Send on a full disk = %d, %v", n, err)
			}
		})
		send(t, s, 21, 22, 23)
		text := read(t, path)
		if bytes.IndexByte([]byte(text), 0) >= 0 || strings.Count(text, "\n") < 4 {
			t.Errorf("%s: the file holds %q", format, text)
		}
		if format == "json" && !slices.Equal(values(t, text), []uint64{20, 21, 22, 23}) {
			t.Errorf("the file holds %v", values(t, text))
		}
		if format == "csv" && (!strings.HasPrefix(text, encode.CSVHeader) || strings.Count(text, "\n") != 5) {
			t.Errorf("the file holds %q", text)
		}
	}
}
