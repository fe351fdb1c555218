package tagmap

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"

	"tagbridge/mapping/source"
)

// csvCases are texts with what the reader makes of them. The page reads and edits maps by a reader of its own, whose
// tests read the same file: both agree cell by cell. With -update what is read is written into it.
type csvCases struct {
	Maps     []csvCase   `json:"maps"`
	Harmless [][3]string `json:"harmless"` // a text, with Harmless, and with Plain
}

type csvCase struct {
	Name      string     `json:"name"`
	Text      string     `json:"text"`
	Separator string     `json:"separator,omitempty"`
	Header    []string   `json:"header,omitempty"` // without one it is no map
	Line      int        `json:"line,omitempty"`   // of the header
	Rows      []csvInput `json:"rows,omitempty"`
}

type csvInput struct {
	Line  int      `json:"line"`
	Cells []string `json:"cells"`
}

func TestCSVCases(t *testing.T) {
	const file = "testdata/csvcases.json"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var cases csvCases
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases.Maps) < 50 || len(cases.Harmless) < 20 {
		t.Errorf("only %d maps and %d texts", len(cases.Maps), len(cases.Harmless))
	}
	for i, c := range cases.Maps {
		got := readCase(c.Name, c.Text)
		if !reflect.DeepEqual(got, c) && !*update {
			t.Errorf("%s: %q\nis read as %+v\nwant       %+v", c.Name, c.Text, got, c)
		}
		cases.Maps[i] = got
	}
	for i, c := range cases.Harmless {
		got := [3]string{c[0], source.Harmless(c[0]), source.Plain(c[0])}
		if got != c && !*update {
			t.Errorf("%q: Harmless and Plain = %q, want %q", c[0], got[1:], c[1:])
		}
		cases.Harmless[i] = got
	}
	if *update {
		out, err := json.MarshalIndent(cases, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, append(out, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func readCase(name, text string) csvCase {
	got := csvCase{Name: name, Text: text}
	l := source.NewLoader(source.Options{})
	m := newCSVMap(l.File("case.csv"), text)
	if !m.header() {
		return got
	}
	texts := func() (list []string) {
		for _, c := range m.r.Cells {
			list = append(list, c.Plain().Text)
		}
		return list
	}
	got.Separator, got.Header, got.Line = string(m.r.Comma), texts(), m.r.First
	for m.nextRow() {
		got.Rows = append(got.Rows, csvInput{m.r.First, texts()})
	}
	return got
}
