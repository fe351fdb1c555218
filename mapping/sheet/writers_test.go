package sheet

import (
	"strings"
	"testing"
)

// Workbooks as programs write them, each with what is its own: all have the same two rows in the sheet Pumps & <fans>.
func TestWorkbooksOfOtherPrograms(t *testing.T) {
	const (
		head   = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\r\n"
		normal = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
		strict = "http://purl.oclc.org/ooxml/officeDocument/relationships"
	)
	// book has a workbook part whose relations are of that kind, and whose parts are where they are said to be.
	book := func(kind, target, workbook, sheet string) map[string]string {
		return map[string]string{
			"_rels/.rels":     head + `<Relationships xmlns="x"><Relationship Id="r1" Type="` + kind + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
			"xl/workbook.xml": head + workbook,
			"xl/_rels/workbook.xml.rels": head + `<Relationships xmlns="x"><Relationship Target="` + target + `" Type="` + kind + `/worksheet" Id="rId7"/>` +
				`<Relationship Id="rId2" Type="` + kind + `/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
			"xl/sharedStrings.xml":     head + `<sst count="9"><si><t>tag</t></si><si><t xml:space="preserve"> a</t></si></sst>`,
			"xl/worksheets/sheet1.xml": head + sheet,
		}
	}
	const named = `<sheets><sheet name="Pumps &amp; &lt;fans&gt;" sheetId="1" r:id="rId7"/></sheets>`
	for name, parts := range map[string]map[string]string{
		"LibreOffice": book(normal, "worksheets/sheet1.xml", `<workbook xmlns:r="`+normal+`">`+named+`</workbook>`,
			`<worksheet><sheetPr filterMode="false"/><dimension ref="A1:C2"/><cols><col min="1" max="1025"/></cols><sheetData>`+
				`<row r="1" customFormat="false" ht="12.8"><c r="A1" s="0" t="s"><v>0</v></c><c r="B1" s="0" t="inlineStr"><is><t>on</t></is></c><c r="C1" t="str"><v>n</v></c></row>`+
				`<row r="2"><c r="A2" s="0" t="s"><v>1</v></c><c r="B2" s="1" t="b"><v>1</v></c><c r="C2" s="0" t="n"><v>0.1</v></c></row>`+
				`<row r="1048576" hidden="false"/></sheetData><legacyDrawing r:id="rId1"/></worksheet>`),
		"Google": book(normal, "/xl/worksheets/sheet1.xml", `<workbook xmlns:r="`+normal+`"><workbookPr/>`+named+`<definedNames/></workbook>`,
			`<worksheet><sheetData><row r="1"><c r="A1" s="1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><r><t>o</t></r><r><rPr><b/></rPr><t>n</t></r></is></c><c r="C1" t="str"><f>CONCATENATE("n","")</f><v>n</v></c></row>`+
				`<row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2" t="b"><f>TRUE()</f><v>1</v></c><c r="C2"><f>SUM(0.1,0)</f><v>0.1</v></c><c r="D2" s="2"/></row>`+
				`<row r="3"><c r="A3" t="b"/><c r="B3" t="s"/></row></sheetData></worksheet>`),
		"strict": book(strict, "worksheets/sheet1.xml", `<workbook conformance="strict" xmlns:r="`+strict+`">`+named+`</workbook>`,
			`<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="str"><v>on</v></c><c r="C1" t="str"><v>n</v></c></row>`+
				`<row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2" t="b"><v>true</v></c><c r="C2"><v>1.0000000000000001E-1</v></c></row></sheetData></worksheet>`),
		"prefixes and shared formulas": book(normal, "../xl/worksheets/sheet1.xml",
			`<x:workbook xmlns:q="`+normal+`"><x:sheets><x:sheet name="Pumps &amp; &lt;fans&gt;" sheetId="1" q:id="rId7"/></x:sheets></x:workbook>`,
			`<x:worksheet><x:sheetData><x:row><x:c t="s"><x:v>0</x:v></x:c><x:c t="str"><x:v><![CDATA[on]]></x:v></x:c><x:c t="str"><x:f t="shared" ref="C1:C2" si="0">"n"</x:f><x:v>n</x:v></x:c></x:row>`+
				`<x:row><x:c t="s"><x:v>1</x:v></x:c><x:c t="b"><!-- x --><x:v>1</x:v></x:c><x:c><x:f t="shared" si="0"/><x:v>0.1</x:v></x:c></x:row></x:sheetData>`+
				`<x:oleObjects><x:oleObject><x:anchor><x:from><xdr:col>1</xdr:col><xdr:row>4</xdr:row></x:from></x:anchor></x:oleObject></x:oleObjects></x:worksheet>`),
	} {
		slashes := map[string]string{}
		for part, text := range parts {
			slashes[strings.ReplaceAll(part, "/", "\\")] = text
		}
		for how, parts := range map[string]map[string]string{"": parts, ", names with backslashes": slashes} {
			s, err := read(t, zipped(t, parts), Own, "pumps & <FANS>")
			if err != nil {
				t.Errorf("%s%s: %v", name, how, err)
				continue
			}
			var got []string
			for i := range s.Rows {
				for _, c := range s.Rows[i].Cells {
					got = append(got, c.Text)
				}
			}
			if want := "tag on n  a true 0.1"; strings.Join(got, " ") != want {
				t.Errorf("%s%s: %q, want %q", name, how, strings.Join(got, " "), want)
			}
		}
	}
}
