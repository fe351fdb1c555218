package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// made is a folder with files as they come: in no order, with times and modes of their own.
func made(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for i, name := range []string{"tagbridge", "README.md", "manual/b.md", "manual/a.md", "tagbridge.exe"} {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(name), []os.FileMode{0o600, 0o666, 0o400, 0o777, 0o644}[i]); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestTheSameBytes(t *testing.T) {
	at := time.Unix(1700000000, 0).UTC()
	for _, kind := range []string{"a.tar.gz", "a.zip"} {
		var before []byte
		for range 2 {
			dir := made(t)
			out := filepath.Join(t.TempDir(), kind)
			err := write(out, at, "tagbridge-1.2", []string{filepath.Join(dir, "tagbridge"), filepath.Join(dir, "tagbridge.exe"),
				"doc=" + filepath.Join(dir, "manual"), filepath.Join(dir, "README.md")})
			if err != nil {
				t.Fatal(err)
			}
			b, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			if before != nil && !bytes.Equal(b, before) {
				t.Errorf("%s: the same files gave other bytes", kind)
			}
			before = b
		}
		want := []string{"tagbridge-1.2/README.md 644", "tagbridge-1.2/doc/a.md 644", "tagbridge-1.2/doc/b.md 644",
			"tagbridge-1.2/tagbridge 755", "tagbridge-1.2/tagbridge.exe 755"}
		if got := listed(t, kind, before); !slices.Equal(got, want) {
			t.Errorf("%s has %q, want %q", kind, got, want)
		}
	}
}

// listed is what archive has, with modes.
func listed(t *testing.T, kind string, b []byte) (list []string) {
	t.Helper()
	if strings.HasSuffix(kind, ".zip") {
		z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range z.File {
			list = append(list, f.Name+" "+octal(int64(f.Mode())))
		}
		return list
	}
	g, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(g); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, h.Name+" "+octal(h.Mode))
	}
}

func octal(mode int64) string {
	return string([]byte{'0' + byte(mode>>6&7), '0' + byte(mode>>3&7), '0' + byte(mode&7)})
}

func TestTwoOfOneName(t *testing.T) {
	dir := made(t)
	err := write(filepath.Join(dir, "x.zip"), time.Unix(0, 0), "", []string{filepath.Join(dir, "README.md"), "README.md=" + filepath.Join(dir, "tagbridge")})
	if err == nil || !strings.Contains(err.Error(), "would both be README.md") {
		t.Errorf("two files of one name: %v", err)
	}
}
