package sheet

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
)

// Book is a workbook being read.
type Book struct {
	limits Limits
	left   int64 // bytes that may still be unfolded
	parts  map[string]*zip.File
	sheets []listed
	shared []string
	styles []style
	epoch  int // 1904, or 1900
}

// listed is a sheet as the workbook names it.
type listed struct {
	name, part string
	hidden     bool
}

// maxParts is how many files a workbook has at most.
const maxParts = 10_000

// Open reads what is in a workbook beside its sheets.
func Open(content []byte, l Limits) (*Book, error) {
	if bytes.HasPrefix(content, []byte{0xD0, 0xCF, 0x11, 0xE0}) {
		return nil, ErrEncrypted
	}
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, errNoBook
	}
	if len(z.File) > maxParts {
		return nil, fmt.Errorf("has over %d parts: that is no table", maxParts)
	}
	l.Columns = cmp.Or(l.Columns, Own.Columns)
	b := &Book{limits: l, left: l.Unfolded, parts: make(map[string]*zip.File, len(z.File)), epoch: 1900}
	for _, f := range z.File {
		// Some programs write the separators of their system.
		b.parts[strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/"))] = f
	}
	root, err := b.relations("_rels/.rels", "")
	if err != nil {
		return nil, err
	}
	main := ""
	for _, r := range root {
		if strings.HasSuffix(r.kind, "/officeDocument") {
			main = r.target
		}
	}
	if main == "" {
		return nil, errNoBook
	}
	return b, b.open(main)
}

// Names are the sheets that are shown, in order.
func (b *Book) Names() []string {
	var names []string
	for _, s := range b.sheets {
		if !s.hidden {
			names = append(names, s.name)
		}
	}
	return names
}

// Sheet is the sheet of that name, or for "" the first that is shown.
func (b *Book) Sheet(name string) (*Sheet, error) {
	i := slices.IndexFunc(b.sheets, func(s listed) bool { return s.name == name || name == "" && !s.hidden })
	if i < 0 && name != "" {
		i = slices.IndexFunc(b.sheets, func(s listed) bool { return strings.EqualFold(s.name, name) })
	}
	switch {
	case i >= 0:
		return b.read(b.sheets[i])
	case name == "":
		return nil, errors.New("has no sheet that is shown")
	}
	return nil, fmt.Errorf("has no sheet %q: there are %s", name, strings.Join(b.Names(), ", "))
}

// relation is an entry of a part's .rels.
type relation struct{ id, kind, target string }

func (b *Book) relations(part, base string) ([]relation, error) {
	var list []relation
	err := b.each(part, func(_ *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local == "Relationship" {
			target := attr(e, "Target")
			if !strings.HasPrefix(target, "/") {
				target = path.Join(base, target)
			}
			list = append(list, relation{attr(e, "Id"), attr(e, "Type"), strings.TrimPrefix(path.Clean(target), "/")})
		}
		return nil
	})
	return list, err
}

// open reads the workbook part, and those that it needs.
func (b *Book) open(main string) error {
	folder, file := path.Split(main)
	folder = strings.TrimSuffix(folder, "/")
	related, err := b.relations(path.Join(folder, "_rels", file+".rels"), folder)
	if err != nil {
		return err
	}
	byID := map[string]relation{}
	for _, r := range related {
		byID[r.id] = r
		switch {
		case strings.HasSuffix(r.kind, "/sharedStrings"):
			err = b.readShared(r.target)
		case strings.HasSuffix(r.kind, "/styles"):
			err = b.readStyles(r.target)
		}
		if err != nil {
			return err
		}
	}
	return b.each(main, func(_ *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "workbookPr":
			if v := attr(e, "date1904"); v == "1" || v == "true" {
				b.epoch = 1904
			}
		case "sheet":
			r := byID[attrIn(e, "relationships", "id")]
			if r.target != "" && strings.HasSuffix(r.kind, "/worksheet") {
				state := attr(e, "state")
				b.sheets = append(b.sheets, listed{attr(e, "name"), r.target, state == "hidden" || state == "veryHidden"})
			}
		}
		return nil
	})
}

// part opens a part, of which no more can be read than the limits leave.
func (b *Book) part(name string) (io.ReadCloser, error) {
	f := b.parts[strings.ToLower(name)]
	if f == nil {
		return nil, fmt.Errorf("lacks its part %s: it is damaged", name)
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("part %s: %w", name, err)
	}
	return &measured{b, r}, nil
}

// measured counts what is unfolded.
type measured struct {
	b *Book
	io.ReadCloser
}

func (m *measured) Read(p []byte) (int, error) {
	if m.b.left <= 0 {
		return 0, tooLarge(m.b.limits)
	}
	if int64(len(p)) > m.b.left {
		p = p[:m.b.left]
	}
	n, err := m.ReadCloser.Read(p)
	m.b.left -= int64(n)
	return n, err
}

// each calls do with each element of a part.
func (b *Book) each(name string, do func(*xml.Decoder, xml.StartElement) error) error {
	r, err := b.part(name)
	if err != nil {
		return err
	}
	defer r.Close()
	d := xml.NewDecoder(r)
	for {
		t, err := d.RawToken()
		switch e := t.(type) {
		case xml.StartElement:
			if err := do(d, e); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("part %s: %w", name, err)
		}
	}
}

func attr(e xml.StartElement, name string) string {
	for i := range e.Attr {
		if e.Attr[i].Name.Local == name && e.Attr[i].Name.Space == "" {
			return e.Attr[i].Value
		}
	}
	return ""
}

// attrIn is the attribute of that name with a prefix; raw tokens do not tell which name space it is of.
func attrIn(e xml.StartElement, _, name string) string {
	for i := range e.Attr {
		if e.Attr[i].Name.Local == name && e.Attr[i].Name.Space != "" {
			return e.Attr[i].Value
		}
	}
	return attr(e, name)
}
