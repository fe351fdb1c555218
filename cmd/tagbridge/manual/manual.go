// Package manual is the manual that is in the program as structure: chapters of blocks of text, for those who show them in a
// way of their own. It knows the Markdown that the manual is written in and no more, and no HTML.
package manual

import (
	"io/fs"
	"regexp"
	"strings"
	"sync"

	"tagbridge/configs"
	"tagbridge/mapping/source"
)

// Chapter is one page.
type Chapter struct {
	Name   string  `json:"name"` // such as maps, or reference/columns
	Title  string  `json:"title"`
	Blocks []Block `json:"blocks"`
}

// Block is a heading, a paragraph, an item of a list, a table or lines of code.
type Block struct {
	Kind  string     `json:"kind"`            // heading text item table code
	Level int        `json:"level,omitempty"` // of a heading, from 1
	ID    string     `json:"id,omitempty"`    // of a heading, for links
	Spans []Span     `json:"spans,omitempty"`
	Rows  [][][]Span `json:"rows,omitempty"` // of a table, the header first
	Code  string     `json:"code,omitempty"`
}

// Span is text in one style.
type Span struct {
	Text  string `json:"text"`
	Style string `json:"style,omitempty"` // code, strong, link; "" plain
	To    string `json:"to,omitempty"`    // of a link: CHAPTER or CHAPTER#ID of the manual, or an address on the web
}

// folder is where the manual is among the program's files.
const folder = "manual"

// contents is the chapter that lists the others.
const contents = "README"

var pageLink = regexp.MustCompile(`\(([a-z/]+)\.md\)`)

// Names are those of all chapters, in the order of the contents, which come first.
var Names = sync.OnceValue(func() []string {
	text, err := fs.ReadFile(configs.Manual, folder+"/"+contents+".md")
	if err != nil {
		panic(err) // it is in the program
	}
	names := []string{contents}
	for _, m := range pageLink.FindAllSubmatch(text, -1) {
		names = append(names, string(m[1]))
	}
	return names
})

// Read is the chapter of that name; false: there is none.
func Read(name string) (Chapter, bool) {
	for _, n := range Names() {
		if n != name {
			continue
		}
		text, err := fs.ReadFile(configs.Manual, folder+"/"+n+".md")
		if err != nil {
			return Chapter{}, false
		}
		return parse(n, string(text)), true
	}
	return Chapter{}, false
}

// DidYouMean is the end of a message about a name that no chapter has.
func DidYouMean(name string) string { return source.DidYouMean(name, Names()) }

// Column is a column of tag maps, as the reference has it.
type Column struct {
	Column  string `json:"column"`
	Default []Span `json:"default"`
	Meaning []Span `json:"meaning"`
}

// Columns are all of them, in the order of the reference.
var Columns = sync.OnceValue(func() []Column {
	c, _ := Read("reference/columns")
	var list []Column
	for _, b := range c.Blocks {
		if b.Kind != "table" {
			continue
		}
		for _, row := range b.Rows[1:] {
			if len(row) == 3 {
				list = append(list, Column{plain(row[0]), row[1], row[2]})
			}
		}
	}
	return list
})

// plain is spans without their styles.
func plain(spans []Span) string {
	var b strings.Builder
	for _, s := range spans {
		b.WriteString(s.Text)
	}
	return b.String()
}

// Meaning is what a column means, without styles; "" of one that there is not.
func Meaning(column string) string {
	if strings.HasPrefix(column, "label.") {
		column = "label.X"
	}
	for _, c := range Columns() {
		for _, name := range strings.FieldsFunc(c.Column, func(r rune) bool { return r == ' ' || r == ',' }) {
			if name == column {
				return plain(c.Meaning)
			}
		}
	}
	return ""
}
