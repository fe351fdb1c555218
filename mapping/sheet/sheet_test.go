package sheet

import (
	"archive/zip"
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// parts are the least that a workbook has, with two sheets of which the first is hidden.
func parts() map[string]string {
	const ns = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	const rel = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
	return map[string]string{
		"_rels/.rels": `<Relationships><Relationship Id="rId1" Type="` + rel + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml": `<workbook ` + ns + ` xmlns:r="` + rel + `"><sheets><sheet name="old" sheetId="1" state="hidden" r:id="rId1"/>` +
			`<sheet name="Line 3" sheetId="2" r:id="rId2"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Type="` + rel + `/worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="rId2" Type="` + rel + `/worksheet" Target="/xl/worksheets/sheet2.xml"/>` +
			`<Relationship Id="rId3" Type="` + rel + `/sharedStrings" Target="sharedStrings.xml"/>` +
			`<Relationship Id="rId4" Type="` + rel + `/styles" Target="styles.xml"/></Relationships>`,
		"xl/sharedStrings.xml": `<sst ` + ns + `><si><t>tag</t></si><si><r><t>rich </t></r><r><t xml:space="preserve">text</t></r>` +
			`<rPh sb="0" eb="1"><t>kana</t></rPh></si><si><t>a_x000D_b_x00e4_c_xZZZZ_</t></si></sst>`,
		"xl/styles.xml": `<styleSheet ` + ns + `><numFmts count="3"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/>` +
			`<numFmt numFmtId="165" formatCode="[Red]0.0&quot; days&quot;"/><numFmt numFmtId="166" formatCode="mm:ss.000"/></numFmts>` +
			`<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="10"/>` +
			`<xf numFmtId="2"/><xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="16"/></cellXfs></styleSheet>`,
		"xl/worksheets/sheet1.xml": `<worksheet ` + ns + `><sheetData><row><c t="inlineStr"><is><t>hidden</t></is></c></row></sheetData></worksheet>`,
		"xl/worksheets/sheet2.xml": `<worksheet ` + ns + `><sheetData/></worksheet>`,
	}
}

func zipped(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, text := range parts {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// with is a workbook whose sheet shown has that in it.
func with(t testing.TB, data string) []byte {
	p := parts()
	p["xl/worksheets/sheet2.xml"] = strings.Replace(p["xl/worksheets/sheet2.xml"], "<sheetData/>", data, 1)
	return zipped(t, p)
}

func read(t *testing.T, content []byte, l Limits, name string) (*Sheet, error) {
	t.Helper()
	b, err := Open(content, l)
	if err != nil {
		return nil, err
	}
	return b.Sheet(name)
}

func TestCells(t *testing.T) {
	for _, c := range []struct {
		xml  string
		want Cell
	}{
		{`<c t="s"><v>0</v></c>`, Cell{Text: "tag"}},
		{`<c t="s"><v>1</v></c>`, Cell{Text: "rich text"}},
		{`<c t="s"><v>2</v></c>`, Cell{Text: "a\rbäc_xZZZZ_"}},
		{`<c t="inlineStr"><is><t>40001</t></is></c>`, Cell{Text: "40001"}},
		{`<c t="str"><f>A1&amp;"x"</f><v>tagx</v></c>`, Cell{Text: "tagx"}},
		{`<c t="b"><v>1</v></c>`, Cell{Kind: Bool, Text: "true"}},
		{`<c t="e"><f>1/0</f><v>#DIV/0!</v></c>`, Cell{Kind: Error, Text: "#DIV/0!"}},
		// Numbers are those that were typed, however they are shown and stored.
		{`<c><v>-5.0000000000000003E-2</v></c>`, Cell{Kind: Number, Text: "-0.05"}},
		{`<c s="3"><v>2.345</v></c>`, Cell{Kind: Number, Text: "2.345"}},
		{`<c><v>400001</v></c>`, Cell{Kind: Number, Text: "400001"}},
		{`<c><v>1E-12</v></c>`, Cell{Kind: Number, Text: "1e-12"}},
		{`<c><v>123456789012345680</v></c>`, Cell{Kind: Number, Text: "123456789012345680"}},
		{`<c s="2"><v>0.05</v></c>`, Cell{Kind: Number, Text: "5%"}},
		{`<c s="4"><v>3</v></c>`, Cell{Kind: Number, Text: "3"}},
		// What was computed is read as it is shown.
		{`<c><f>0.1+0.2</f><v>0.30000000000000004</v></c>`, Cell{Kind: Number, Text: "0.3"}},
		{`<c s="3"><f>7/3</f><v>2.3333333333333335</v></c>`, Cell{Kind: Number, Text: "2.33"}},
		{`<c><f>A1</f></c>`, Cell{Kind: Formula}},
		// What the spreadsheet made a date of is one.
		{`<c s="1"><v>46023</v></c>`, Cell{Kind: Date, Text: "2026-01-01"}},
		{`<c s="6"><v>45994</v></c>`, Cell{Kind: Date, Text: "2025-12-03"}},
		{`<c s="5"><v>0.5</v></c>`, Cell{Kind: Date, Text: "12:00:00"}},
	} {
		s, err := read(t, with(t, `<sheetData><row r="7"><c r="B7" t="b"><v>0</v></c>`+c.xml+`</row></sheetData>`), Own, "")
		if err != nil {
			t.Errorf("%s: %v", c.xml, err)
			continue
		}
		c.want.Column = 2
		if len(s.Rows) != 1 || s.Rows[0].Number != 7 || !reflect.DeepEqual(s.Rows[0].Cells[1:], []Cell{c.want}) {
			t.Errorf("%s: %+v, want %+v", c.xml, s.Rows, c.want)
		}
	}
}

func TestSheetsByName(t *testing.T) {
	book := with(t, `<sheetData><row r="2" hidden="1"><c r="C2"><v>1</v></c></row></sheetData><mergeCells><mergeCell ref="C2:D4"/></mergeCells>`)
	for name, want := range map[string]string{"": "Line 3", "line 3": "Line 3", "old": "old", "Line 4": `has no sheet "Line 4": there are Line 3`} {
		s, err := read(t, book, Own, name)
		if err != nil && err.Error() != want || err == nil && s.Name != want {
			t.Errorf("%q: %v, %v, want %s", name, s, err, want)
		}
	}
	s, err := read(t, book, Own, "")
	if err != nil {
		t.Fatal(err)
	}
	if !s.Rows[0].Hidden || len(s.Merges) != 1 || s.Merges[0] != (Merge{"C2:D4", 2, 2, 3, 2}) {
		t.Errorf("%+v", s)
	}
}

// What is no workbook, or is made to hurt, costs no more than the limits.
func TestHostileWorkbooks(t *testing.T) {
	small := Limits{Unfolded: 1 << 20, Rows: 100, Columns: 10}
	cell := func(inner string) string { return `<sheetData><row r="1">` + inner + `</row></sheetData>` }
	long := parts()
	long["xl/sharedStrings.xml"] = `<sst><si><t>` + strings.Repeat("x", 2000) + `</t></si></sst>`
	long["xl/worksheets/sheet2.xml"] = `<worksheet><sheetData><row>` + strings.Repeat(`<c t="s"><v>0</v></c>`, 10) + `</row>` +
		strings.Repeat(`<row>`+strings.Repeat(`<c t="s"><v>0</v></c>`, 10)+`</row>`, 99) + `</sheetData></worksheet>`
	lacking := parts()
	delete(lacking, "xl/worksheets/sheet2.xml")
	for name, c := range map[string]struct {
		book []byte
		want string
	}{
		"text":              {[]byte("tag,address\n"), "no workbook"},
		"old":               {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "without a password"},
		"empty zip":         {zipped(t, nil), "lacks its part"},
		"lacking":           {zipped(t, lacking), "lacks its part xl/worksheets/sheet2.xml"},
		"bomb":              {with(t, `<sheetData><row>`+strings.Repeat(" ", 2<<20)+`</row></sheetData>`), "unfolds to over 1 MiB"},
		"texts many times":  {zipped(t, long), "unfolds to over 1 MiB"},
		"rows":              {with(t, `<sheetData><row r="1048576"><c><v>1</v></c></row></sheetData>`), "more than 100 rows"},
		"columns":           {with(t, cell(`<c r="XFD1"><v>1</v></c>`)), "over 10 columns"},
		"backwards":         {with(t, `<sheetData><row r="5"/><row r="5"/></sheetData>`), "damaged"},
		"cells backwards":   {with(t, cell(`<c r="B1"/><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c>`)), "damaged"},
		"number of text":    {with(t, cell(`<c t="s"><v>99</v></c>`)), "damaged"},
		"negative text":     {with(t, cell(`<c t="s"><v>-1</v></c>`)), "damaged"},
		"cell outside":      {with(t, `<sheetData><c><v>1</v></c></sheetData>`), "outside a row"},
		"cut":               {with(t, `<sheetData><row><c t="inlineStr"><is><t>a`), "unexpected EOF"},
		"no XML":            {with(t, `<sheetData><row`), "syntax error"},
		"entities":          {with(t, cell(`<c t="str"><v>&lol;</v></c>`)), "entity"},
		"comments in value": {with(t, cell(`<c><v>`+strings.Repeat("1<!---->", 100_000)+`</v></c>`)), ""},
	} {
		limits := small
		if c.want == "" {
			limits = Own
		}
		_, err := read(t, c.book, limits, "")
		if c.want == "" && err == nil {
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(with(f, `<sheetData><row r="2"><c r="A2" s="1"><v>46023</v></c><c t="s"><v>1</v></c></row></sheetData>`))
	f.Add(zipped(f, parts()))
	f.Fuzz(func(t *testing.T, content []byte) { fuzzed(t, content) })
}

// FuzzSheet has the text of a sheet vary: of a whole workbook nearly every change is a broken zip.
func FuzzSheet(f *testing.F) {
	f.Add(`<sheetData><row r="2"><c r="A2" s="1"><v>46023</v></c><c t="s"><v>1</v></c></row></sheetData>`)
	f.Add(`<sheetData><row hidden="1"><c t="inlineStr"><is><r><t>a</t></r></is></c><c t="e"><v>#N/A</v></c></row></sheetData>`)
	f.Add(`<x:row><x:c r="ZZ1"><x:f/><x:v>1e308</x:v></x:c></x:row><mergeCell ref="$A$1:B2"/>`)
	f.Fuzz(func(t *testing.T, data string) { fuzzed(t, with(t, data)) })
}

func fuzzed(t *testing.T, content []byte) {
	l := Limits{Unfolded: 1 << 20, Rows: 1000, Columns: 100}
	b, err := Open(content, l)
	if err != nil {
		return
	}
	for _, name := range append(b.Names(), "") {
		s, err := b.Sheet(name)
		if err != nil {
			continue
		}
		last, size := 0, 0
		for i := range s.Rows {
			r := &s.Rows[i]
			if r.Number <= last || r.Number > l.Rows+1 || len(r.Cells) == 0 {
				t.Fatalf("row %d after row %d", r.Number, last)
			}
			last = r.Number
			for j, c := range r.Cells {
				if c.Column >= l.Columns || j > 0 && c.Column <= r.Cells[j-1].Column || r.At(c.Column) != c {
					t.Fatalf("cell %+v", c)
				}
				size += len(c.Text)
			}
		}
		if size > 2<<20 {
			t.Fatalf("%d bytes of text from a workbook that may unfold to %d", size, l.Unfolded)
		}
	}
}

func ExampleSheet() {
	m, _ := mergeOf("AB12:AC13")
	fmt.Println(m.Column, m.Row, m.Width, m.Rows)
	// Output: 27 12 2 2
}
