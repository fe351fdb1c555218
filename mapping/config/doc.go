package config

import (
	"fmt"
	"path/filepath"

	"go.yaml.in/yaml/v3"
)

// doc is one file being read, and where its problems and relative paths belong.
type doc struct {
	l    *loader
	file string // as messages name it
	dir  string // of the file; relative paths are relative to it
	part bool   // a device or sink is being read, which alone a missing secret holds
	held string // why the device or sink that is being read cannot run: what of its secrets is not there
}

// place is a line and column of a file, from 1.
type place struct{ line, col int }

// lineCol is the place in that line, at that character, both from 1.
func lineCol(line, col int) place { return place{line, col} }

func at(n *yaml.Node) place { return lineCol(n.Line, n.Column) }

func (d *doc) problemf(p place, format string, args ...any) {
	d.l.add(Problem{File: d.file, Line: p.line, Column: p.col, Message: fmt.Sprintf(format, args...)})
}

func (d *doc) warnf(p place, format string, args ...any) {
	d.l.add(Problem{File: d.file, Line: p.line, Column: p.col, Warning: true, Message: fmt.Sprintf(format, args...)})
}

// read is the text of d's file; what it cannot read, it reports.
func (d *doc) read() (string, bool) {
	b, err := d.bytes()
	if err != nil {
		d.problemf(lineCol(1, 1), "cannot be read: %v", err)
		return "", false
	}
	return d.decode(b)
}

// decode is the text of b, which is all of d's file.
func (d *doc) decode(b []byte) (string, bool) {
	text, guessed, err := decodeText(b)
	if err != nil {
		d.problemf(lineCol(1, 1), "%v", err)
		return "", false
	}
	if guessed >= 0 {
		p, char := placeOf(b, guessed)
		d.warnf(p, "not UTF-8, read as Windows-1252 (byte 0x%02X): save it as UTF-8", char)
	}
	return text, true
}

// bytes is what is in the file, which may be a pipe.
func (d *doc) bytes() ([]byte, error) {
	if d.file == "-" {
		return readAll(d.l.o.Stdin, maxFile)
	}
	return d.l.content(d.file, readAny)
}

// placeOf is where offset lies in b, which has one byte a character there, and the byte at it.
func placeOf(b []byte, offset int) (place, byte) {
	p := lineCol(1, 1)
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

// in is another file of the same loading, to report something there.
func (d *doc) in(file string) *doc { return &doc{l: d.l, file: file} }

// regular is what is in the file, as long as it is one: what else has a path may never end.
func (d *doc) regular() ([]byte, error) { return d.l.content(d.file, readFile) }

// begin has what is read from now on be a part, a device or a sink, which alone a missing secret holds.
func (d *doc) begin() { d.part, d.held = true, "" }

// end ends the part: held says why it cannot run, which of its secrets is not there; "" when it can.
func (d *doc) end() (held string) {
	d.part = false
	return d.held
}

// readable says why a file that something else will open cannot be opened.
func (d *doc) readable(path string) error { return d.l.readable(path) }
