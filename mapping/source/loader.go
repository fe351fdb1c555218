package source

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// Options says where what is read comes from, beside the files themselves.
type Options struct {
	Stdin          io.Reader           // read for the path "-"
	Getenv         func(string) string // of ${env:NAME}; nil: no variable is set
	CredentialsDir string              // of ${credential:NAME}
	Expand         bool                // replace ${…}; else values that hold one are taken as they stand
	RequireSecrets bool                // a missing secret that is of no device or sink is a problem, else a warning
	Files          *Files              // where texts are read from; nil: the disk
	// Seen is told of each file that was asked for, whether it is there or not; content is nil of those that are only
	// named, and of secrets. It may be nil.
	Seen func(path string, content []byte)
	// Asked is told of each key that a reader asks a section for, whether it is there or not. It may be nil.
	Asked func(Asked)
}

// MaxProblems is how many are kept: more are one mistake made everywhere.
const MaxProblems = 10_000

// Loader reads files and gathers what is wrong with them.
type Loader struct {
	o        Options
	problems Problems
	dropped  int              // problems over maxProblems
	checked  map[string]error // of readable
}

// NewLoader begins to read files; it reads none.
func NewLoader(o Options) *Loader {
	if o.Getenv == nil {
		o.Getenv = func(string) string { return "" }
	}
	if o.Seen == nil {
		o.Seen = func(string, []byte) {}
	}
	return &Loader{o: o, checked: map[string]error{}}
}

// File is the file at path ("-": standard input), of which nothing was read yet.
func (l *Loader) File(path string) *Doc {
	d := &Doc{l: l, File: path, dir: filepath.Dir(path)}
	if path == stdin {
		d.dir = "."
	}
	return d
}

// Add takes note of a problem.
func (l *Loader) Add(p Problem) {
	if len(l.problems) == MaxProblems {
		l.dropped++
		return
	}
	l.problems = append(l.problems, p)
}

// Found is how many problems there are, for since.
func (l *Loader) Found() int { return len(l.problems) }

// Since are the problems that were found since there were that many.
func (l *Loader) Since(found int) Problems { return l.problems[found:] }

// All are the problems that were found, root's first. The loader is at its end.
func (l *Loader) All(root string) Problems {
	ps := l.problems.sorted(root)
	if l.dropped > 0 {
		ps = append(ps, Problem{File: root, Message: fmt.Sprintf("%d more messages are not shown", l.dropped)})
	}
	return ps
}

// readable says why path cannot be opened, once for all that name it.
func (l *Loader) readable(path string) error {
	err, known := l.checked[path]
	if !known {
		l.o.Seen(path, nil)
		var f *os.File
		if f, err = os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0); err == nil {
			f.Close()
		}
		err = plain(err)
		l.checked[path] = err
	}
	return err
}

// input is what is in standard input.
func (l *Loader) input() ([]byte, error) {
	if b, found := l.o.Files.input(); found {
		return bounded(b)
	}
	return readAll(l.o.Stdin, maxFile)
}

// content is what is in a file, which read reads when it is on disk.
func (l *Loader) content(path string, read func(string, int64) ([]byte, error)) ([]byte, error) {
	b, found, err := l.o.Files.find(path)
	switch {
	case !found:
		b, err = read(path, maxFile)
	case err == nil:
		b, err = bounded(b)
	}
	l.o.Seen(path, b)
	return b, err
}

// bounded is b unless no file can be so large.
func bounded(b []byte) ([]byte, error) {
	if len(b) > maxFile {
		return nil, tooLarge(maxFile)
	}
	return b, nil
}
