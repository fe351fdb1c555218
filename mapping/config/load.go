package config

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// maxProblems is how many are kept: more are one mistake made everywhere.
const maxProblems = 10_000

// loader is one run of Load.
type loader struct {
	o        Options
	problems Problems
	dropped  int // problems over maxProblems
	maps     *mapCache
	checked  map[string]error // of readable
}

func (l *loader) add(p Problem) {
	if len(l.problems) == maxProblems {
		l.dropped++
		return
	}
	l.problems = append(l.problems, p)
}

// Load reads the configuration at path ("-": standard input) with its tag maps, and reports everything that is wrong
// with them at once. The configuration is nil when nothing of it is usable; with problems it holds what is.
func Load(path string, o Options) (*Config, Problems) {
	return newLoader(o).run(path)
}

func newLoader(o Options) *loader {
	l := &loader{o: o.withDefaults(), checked: map[string]error{}}
	l.maps = newMapCache(l)
	return l
}

func (l *loader) run(path string) (*Config, Problems) {
	d := &doc{l: l, file: path, dir: filepath.Dir(path)}
	if path == "-" {
		d.dir = "."
	}
	c := l.load(d)
	if c != nil {
		l.o.Cache.keep(l.maps.contents)
	}
	ps := l.problems.sorted(path)
	if l.dropped > 0 {
		ps = append(ps, Problem{File: path, Message: fmt.Sprintf("%d more messages are not shown", l.dropped)})
	}
	return c, ps
}

func (l *loader) load(d *doc) *Config {
	text, ok := d.read()
	if !ok {
		return nil
	}
	root := d.parseYAML(text)
	if root == nil || isNull(root) {
		if !l.problems.HasProblems() {
			d.problemf(place{1, 1}, "the configuration is empty: it needs devices and sinks")
		}
		return nil
	}
	return d.config(root)
}

// read is the text of d's file; what it cannot read, it reports.
func (d *doc) read() (string, bool) {
	b, err := d.bytes()
	if err != nil {
		d.problemf(place{1, 1}, "cannot be read: %v", err)
		return "", false
	}
	return d.decode(b)
}

// decode is the text of b, which is all of d's file.
func (d *doc) decode(b []byte) (string, bool) {
	text, guessed, err := decodeText(b)
	if err != nil {
		d.problemf(place{1, 1}, "%v", err)
		return "", false
	}
	if guessed >= 0 {
		p, char := placeOf(b, guessed)
		d.warnf(p, "not UTF-8, read as Windows-1252 (byte 0x%02X): save it as UTF-8", char)
	}
	return text, true
}

func (d *doc) bytes() ([]byte, error) {
	if d.file == "-" {
		return readAll(d.l.o.Stdin, maxFile)
	}
	b, err := d.l.content(d.file, readAny)
	d.l.o.Seen(d.file, b)
	return b, err
}

// content is that of a configuration or a tag map, which read reads from disk.
func (l *loader) content(path string, read func(string, int64) ([]byte, error)) ([]byte, error) {
	if l.o.Content != nil {
		return l.o.Content(path)
	}
	return read(path, maxFile)
}

// placeOf is where offset lies in b, which has one byte a character there, and the byte at it.
func placeOf(b []byte, offset int) (place, byte) {
	p := place{1, 1}
	for _, c := range b[:offset] {
		p.col++
		if c == '\n' {
			p.line, p.col = p.line+1, 1
		}
	}
	return p, b[offset]
}

// path is a path of d's file, resolved.
func (d *doc) path(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(d.dir, path)
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
