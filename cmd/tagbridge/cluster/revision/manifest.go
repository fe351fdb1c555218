package revision

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The bounds of a revision.
const (
	maxManifest = 56 << 10 // a connection takes no message of more than 64 KiB
	maxFiles    = 300
	maxFile     = 16 << 20 // of one file
	maxTotal    = 64 << 20 // of all of them
	maxText     = 256      // of who pushed, and the like
	maxComment  = 2000
	maxNumber   = 1 << 40
)

// Manifest is what a revision consists of.
type Manifest struct {
	Format  int       `json:"format"`
	Bridge  string    `json:"bridge"` // whose members it is for
	Number  int       `json:"number"` // the next one has a higher one
	ID      string    `json:"id"`     // which no other has
	Time    time.Time `json:"time"`
	By      string    `json:"by"`
	Comment string    `json:"comment,omitempty"`
	Program string    `json:"program"`      // version of the program that pushed it
	Of      int       `json:"of,omitempty"` // the revision that it goes back to; 0: none
	Config  File      `json:"config"`       // without a name: each member has its own
	Files   []File    `json:"files"`        // in the order of their names
}

// File is a file of a revision.
type File struct {
	Name string `json:"name,omitempty"` // as the configuration's folder has it, with slashes
	Sum  string `json:"sha256"`
	Size int    `json:"size"`
}

// NewFile is a file of that name with that content.
func NewFile(name string, content []byte) File {
	sum := sha256.Sum256(content)
	return File{name, hex.EncodeToString(sum[:]), len(content)}
}

// format is the newest that is known.
const format = 1

// head begins a manifest as it is stored: then comes the SHA-256 of the rest, and a line break.
const head = "tagbridge-revision "

// Append appends m as it is stored to dst. It is to be one that Parse takes.
func (m *Manifest) Append(dst []byte) ([]byte, error) {
	body, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	dst = append(dst, head...)
	dst = hex.AppendEncode(dst, sum[:])
	dst = append(dst, '\n')
	return append(dst, body...), nil
}

// Parse reads a manifest as it is stored, which may be anything: what it returns is within the bounds, and its names lead nowhere but
// below the configuration's folder. Keys that it does not know are left out, as a later release may have some.
func Parse(b []byte) (*Manifest, error) {
	if len(b) > maxManifest {
		return nil, fmt.Errorf("the manifest has %d bytes, more than %d", len(b), maxManifest)
	}
	rest, ok := bytes.CutPrefix(b, []byte(head))
	if !ok || len(rest) < 2*sha256.Size+1 || rest[2*sha256.Size] != '\n' {
		return nil, errors.New("it is no manifest of a revision")
	}
	body := rest[2*sha256.Size+1:]
	if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != string(rest[:2*sha256.Size]) {
		return nil, errors.New("the manifest was damaged: its SHA-256 is another one")
	}
	var m Manifest
	if err := json.Unmarshal(body, &m); err != nil {
		return nil, fmt.Errorf("read the manifest: %w", err)
	}
	return &m, m.check()
}

// check reports what keeps m from being a revision.
func (m *Manifest) check() error {
	if m.Format > format {
		return fmt.Errorf("it was pushed by a later release, %.40s: its format is %d, this one knows %d", printable(m.Program), m.Format, format)
	}
	if m.Format < 1 || m.Number < 1 || m.Number > maxNumber || len(m.ID) != 2*idBytes || !isHex(m.ID) {
		return errors.New("the manifest has no number or no identity")
	}
	for _, t := range []struct {
		what, text string
		most       int
	}{{"bridge", m.Bridge, maxText}, {"by", m.By, maxText}, {"program", m.Program, maxText}, {"comment", m.Comment, maxComment}} {
		if len(t.text) > t.most || !utf8.ValidString(t.text) || printable(t.text) != t.text {
			return fmt.Errorf("the manifest's %q is too long, or has characters that do not print", t.what)
		}
	}
	if m.Bridge == "" {
		return errors.New("the manifest names no bridge")
	}
	return m.checkFiles()
}

func (m *Manifest) checkFiles() error {
	if len(m.Files) > maxFiles {
		return fmt.Errorf("it has %d files, at most %d are possible", len(m.Files), maxFiles)
	}
	if m.Config.Name != "" {
		return errors.New("the manifest names the configuration, of which each member has its own")
	}
	total, names := m.Config.Size, newNames()
	if err := m.Config.check(); err != nil {
		return fmt.Errorf("the configuration: %w", err)
	}
	for _, f := range m.Files {
		if err := f.check(); err != nil {
			return fmt.Errorf("file %q: %w", f.Name, err)
		}
		if err := names.add(f.Name); err != nil {
			return err
		}
		if total += f.Size; total > maxTotal {
			return fmt.Errorf("its files have more than %d MiB", maxTotal>>20)
		}
	}
	return nil
}

func (f *File) check() error {
	if len(f.Sum) != 2*sha256.Size || !isHex(f.Sum) {
		return errors.New("its SHA-256 is none")
	}
	if f.Size < 0 || f.Size > maxFile {
		return fmt.Errorf("it has %d bytes, at most %d MiB are possible", f.Size, maxFile>>20)
	}
	return nil
}

func isHex(text string) bool { return strings.Trim(text, "0123456789abcdef") == "" }

// printable is text without what does not print, or would change the order in which it is shown.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp) {
			return -1
		}
		return r
	}, text)
}
