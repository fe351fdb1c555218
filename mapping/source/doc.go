// Package source is where a text came from and how is said what is wrong with it: files with their encodings, YAML and CSV
// with the place of each key and cell, sections that are read key by key, the values that people write into them, and
// problems. It knows nothing of tags, devices and sinks. Package tagmap and package config read with it.
package source

import (
	"fmt"
	"path/filepath"

	"go.yaml.in/yaml/v3"
)

// Doc is one file being read, and where its problems and relative paths belong.
type Doc struct {
	l    *Loader
	File string // as messages name it
	dir  string // of the file; relative paths are relative to it
	part bool   // a device or sink is being read, which alone a missing secret holds
	held string // why the device or sink that is being read cannot run: what of its secrets is not there
}

// Place is a line and column of a file, from 1.
type Place struct{ Line, Col int }

// LineCol is the place in that line, at that character, both from 1.
func LineCol(line, col int) Place { return Place{line, col} }

// At is the place of n.
func At(n *yaml.Node) Place { return LineCol(n.Line, n.Column) }

// Problemf reports what is wrong at p.
func (d *Doc) Problemf(p Place, format string, args ...any) {
	d.l.Add(Problem{File: d.File, Line: p.Line, Column: p.Col, Message: fmt.Sprintf(format, args...)})
}

// Warnf reports what may be wrong at p.
func (d *Doc) Warnf(p Place, format string, args ...any) {
	d.l.Add(Problem{File: d.File, Line: p.Line, Column: p.Col, Warning: true, Message: fmt.Sprintf(format, args...)})
}

// AddCell reports what is wrong, or, as a warning, may be, with the cell at p of the column with that header.
func (d *Doc) AddCell(p Place, warning bool, header, message string) {
	d.l.Add(Problem{File: d.File, Line: p.Line, Column: p.Col, Warning: warning, Header: header, Message: message})
}

// Add takes note of a problem, or warning, that has its place.
func (d *Doc) Add(p Problem) { d.l.Add(p) }

// Faulty reports that something was found by now that is more than a warning.
func (d *Doc) Faulty() bool { return d.l.problems.HasProblems() }

// Read is the text of d's file; what it cannot read, it reports.
func (d *Doc) Read() (string, bool) {
	b, err := d.bytes()
	if err != nil {
		d.Problemf(LineCol(1, 1), "cannot be read: %v", err)
		return "", false
	}
	return d.Decode(b)
}

// Decode is the text of b, which is all of d's file.
func (d *Doc) Decode(b []byte) (string, bool) {
	text, guessed, err := decodeText(b)
	if err != nil {
		d.Problemf(LineCol(1, 1), "%v", err)
		return "", false
	}
	if guessed >= 0 {
		p, char := placeOf(b, guessed)
		d.Warnf(p, "not UTF-8, read as Windows-1252 (byte 0x%02X): save it as UTF-8", char)
	}
	return text, true
}

// bytes is what is in the file, which may be a pipe.
func (d *Doc) bytes() ([]byte, error) {
	if d.File == stdin {
		return d.l.input()
	}
	return d.l.content(d.File, readAny)
}

// placeOf is where offset lies in b, which has one byte a character there, and the byte at it.
func placeOf(b []byte, offset int) (Place, byte) {
	p := LineCol(1, 1)
	for _, c := range b[:offset] {
		p.Col++
		if c == '\n' {
			p.Line, p.Col = p.Line+1, 1
		}
	}
	return p, b[offset]
}

// Path is a path of d's file, resolved.
func (d *Doc) Path(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(d.dir, path)
}

// Open is another file of the same loading, of which nothing was read yet; paths in it are relative to it.
func (d *Doc) Open(path string) *Doc { return d.l.File(path) }

// In is another file of the same loading, to report something there.
func (d *Doc) In(file string) *Doc { return &Doc{l: d.l, File: file} }

// Regular is what is in the file, as long as it is one: what else has a path may never end.
func (d *Doc) Regular() ([]byte, error) { return d.l.content(d.File, readFile) }

// Begin has what is read from now on be a part, a device or a sink, which alone a missing secret holds.
func (d *Doc) Begin() { d.part, d.held = true, "" }

// End ends the part: held says why it cannot run, which of its secrets is not there; "" when it can.
func (d *Doc) End() (held string) {
	d.part = false
	return d.held
}

// Readable says why a file that something else will open cannot be opened.
func (d *Doc) Readable(path string) error { return d.l.readable(path) }
