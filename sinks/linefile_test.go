package sinks

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"tagbridge/testrig/filelimit"
)

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestLineFileCutsHalfALineAtOpening(t *testing.T) {
	long := strings.Repeat("x", 10000)
	tests := []struct{ before, want string }{
		{"", ""},
		{"one\n", "one\n"},
		{"one\ntw", "one\n"},
		{"tw", ""},
		{"\n", "\n"},
		{"one\n" + long, "one\n"},
		{long + "\n" + long, long + "\n"},
		{long, ""},
	}
	for _, test := range tests {
		path := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(path, []byte(test.before), 0o640); err != nil {
			t.Fatal(err)
		}
		l, err := OpenLineFile(path, 0o640)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Write([]byte("new\n")); err != nil {
			t.Fatal(err)
		}
		if got := readFile(t, path); got != test.want+"new\n" {
			t.Errorf("%.20q became %.20q, want %.20q", test.before, got, test.want+"new\n")
		}
		if want := int64(len(test.before) - len(test.want)); l.Cut() != want || l.Size() != int64(len(test.want))+4 {
			t.Errorf("%.20q: cut %d, size %d", test.before, l.Cut(), l.Size())
		}
		l.Close()
	}
}

func TestLineFileTakesBackWhatItCouldNotFinish(t *testing.T) {
	if !filelimit.Alone(t) {
		return
	}
	path := filepath.Join(t.TempDir(), "f")
	l, err := OpenLineFile(path, 0o640)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.Write([]byte("first\n")); err != nil {
		t.Fatal(err)
	}
	filelimit.Under(t, 10, func() {
		if err := l.Write([]byte("second line\n")); !errors.Is(err, syscall.EFBIG) {
			t.Errorf("a write over the limit: %v", err)
		}
		if got := readFile(t, path); got != "first\n" {
			t.Errorf("half a line is left: %q", got)
		}
	})
	if err := l.Write([]byte("third\n")); err != nil {
		t.Fatal(err)
	}
	if got := readFile(t, path); got != "first\nthird\n" || l.Size() != int64(len(got)) {
		t.Errorf("the file holds %q, size %d", got, l.Size())
	}
}

func TestLineFileEndsWhatItCannotTakeBack(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	l := NewLineFile(w)
	l.torn = true // as a write that stopped in its middle leaves it
	if err := l.Write([]byte("next\n")); err != nil {
		t.Fatal(err)
	}
	l.Close()
	if got, _ := io.ReadAll(r); string(got) != "\nnext\n" {
		t.Errorf("a pipe got %q", got)
	}
}
