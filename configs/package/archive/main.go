// Command archive packs files into one: a .zip where its name ends so, else a .tar.gz. The same files and time give the
// same bytes, on whichever machine: names are sorted, owners left out, modes 0755 for programs and 0644 for the rest.
//
//	archive -o dist/x.tar.gz -time 1700000000 -root tagbridge-1.2 dist/stage/tagbridge README.md manual=configs/manual
//
// NAME=PATH gives a file or folder another name in the archive.
package main

import (
	"archive/tar"
	"archive/zip"
	"cmp"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func main() {
	out := flag.String("o", "", "the archive")
	at := flag.Int64("time", 0, "when its files were made, in seconds since 1970")
	root := flag.String("root", "", "the folder that all is in")
	flag.Parse()
	if err := write(*out, time.Unix(*at, 0).UTC(), *root, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "archive:", err)
		os.Exit(1)
	}
}

// entry is a file of an archive.
type entry struct{ name, path string }

// mode is that of a program for what has no ending or is one of Windows.
func (e entry) mode() fs.FileMode {
	if ext := path.Ext(e.name); path.Base(e.name) == "tagbridge" || ext == ".exe" {
		return 0o755
	}
	return 0o644
}

func write(out string, at time.Time, root string, args []string) error {
	list, err := entries(root, args)
	if err != nil {
		return err
	}
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	if strings.HasSuffix(out, ".zip") {
		err = writeZip(f, at, list)
	} else {
		err = writeTar(f, at, list)
	}
	return errors.Join(err, f.Close())
}

// entries are the files that args name, and those in the folders that they name.
func entries(root string, args []string) ([]entry, error) {
	var list []entry
	for _, arg := range args {
		name, from, named := strings.Cut(arg, "=")
		if !named {
			name, from = filepath.Base(arg), arg
		}
		err := filepath.WalkDir(from, func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			rel, err := filepath.Rel(from, p)
			if err == nil {
				list = append(list, entry{path.Join(root, name, filepath.ToSlash(rel)), p})
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(list, func(a, b entry) int { return cmp.Compare(a.name, b.name) })
	for i := 1; i < len(list); i++ {
		if list[i].name == list[i-1].name {
			return nil, fmt.Errorf("%s and %s would both be %s", list[i-1].path, list[i].path, list[i].name)
		}
	}
	return list, nil
}

func writeTar(w io.Writer, at time.Time, list []entry) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	t := tar.NewWriter(z)
	for _, e := range list {
		content, err := os.ReadFile(e.path)
		if err != nil {
			return err
		}
		h := &tar.Header{Name: e.name, Mode: int64(e.mode()), Size: int64(len(content)), ModTime: at, Format: tar.FormatPAX}
		if err := t.WriteHeader(h); err != nil {
			return err
		}
		if _, err := t.Write(content); err != nil {
			return err
		}
	}
	return errors.Join(t.Close(), z.Close())
}

func writeZip(w io.Writer, at time.Time, list []entry) error {
	z := zip.NewWriter(w)
	for _, e := range list {
		content, err := os.ReadFile(e.path)
		if err != nil {
			return err
		}
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate, Modified: at}
		h.SetMode(e.mode())
		f, err := z.CreateHeader(h)
		if err != nil {
			return err
		}
		if _, err := f.Write(content); err != nil {
			return err
		}
	}
	return z.Close()
}
