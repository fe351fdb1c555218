package config

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// textOptions says where what is read comes from, beside the files themselves.
type textOptions struct {
	Stdin          io.Reader           // read for the path "-"
	Getenv         func(string) string // of ${env:NAME}; nil: no variable is set
	CredentialsDir string              // of ${credential:NAME}
	Expand         bool                // replace ${…}; else values that hold one are taken as they stand
	RequireSecrets bool                // a missing secret that is of no device or sink is a problem, else a warning
	// Content is what to take for a file instead of what is on disk, by path; nil: the disk.
	Content func(path string) ([]byte, error)
	// Seen is told of each file that was asked for, whether it is there or not; content is nil of those that are only
	// named, and of secrets. It may be nil.
	Seen func(path string, content []byte)
}

// maxProblems is how many are kept: more are one mistake made everywhere.
const maxProblems = 10_000

// loader reads files and gathers what is wrong with them.
type loader struct {
	o        textOptions
	problems Problems
	dropped  int              // problems over maxProblems
	checked  map[string]error // of readable
}

// newLoader begins to read files; it reads none.
func newLoader(o textOptions) *loader {
	if o.Getenv == nil {
		o.Getenv = func(string) string { return "" }
	}
	if o.Seen == nil {
		o.Seen = func(string, []byte) {}
	}
	return &loader{o: o, checked: map[string]error{}}
}

// file is the file at path ("-": standard input), of which nothing was read yet.
func (l *loader) file(path string) *doc {
	d := &doc{l: l, file: path, dir: filepath.Dir(path)}
	if path == "-" {
		d.dir = "."
	}
	return d
}

// add takes note of a problem.
func (l *loader) add(p Problem) {
	if len(l.problems) == maxProblems {
		l.dropped++
		return
	}
	l.problems = append(l.problems, p)
}

// found is how many problems there are, for since.
func (l *loader) found() int { return len(l.problems) }

// since are the problems that were found since there were that many.
func (l *loader) since(found int) Problems { return l.problems[found:] }

// all are the problems that were found, root's first. The loader is at its end.
func (l *loader) all(root string) Problems {
	ps := l.problems.sorted(root)
	if l.dropped > 0 {
		ps = append(ps, Problem{File: root, Message: fmt.Sprintf("%d more messages are not shown", l.dropped)})
	}
	return ps
}

// readable says why path cannot be opened, once for all that name it.
func (l *loader) readable(path string) error {
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

// content is what is in a file, which read reads when it is on disk.
func (l *loader) content(path string, read func(string, int64) ([]byte, error)) (b []byte, err error) {
	if l.o.Content != nil {
		b, err = l.o.Content(path)
	} else {
		b, err = read(path, maxFile)
	}
	l.o.Seen(path, b)
	return b, err
}
