package web

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"tagbridge/cmd/tagbridge/edit"
	"tagbridge/mapping/convert"
)

// TestMapsGoThroughSpreadsheets has a map with all that spreadsheets are known for be downloaded and uploaded: the same rows
// come back.
func TestMapsGoThroughSpreadsheets(t *testing.T) {
	r := answering(t, "")
	const odd = "tag;address;scale;description\nwarm;40001.b10;;=cmd|' /C calc'!A1\ncold;40002;0,05;+49 30\nminus;40003;-0,1;-\nat;40004;1E-3;\"@x; \"\"y\"\"\"\n"
	r.write("odd.csv", odd)
	r.edit("plant.yaml", "tags: [tags.csv]", "tags: [tags.csv, odd.csv]")
	b := r.run()
	want, err := convert.ParseTable("odd.csv", []byte(odd))
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"csv", "xlsx"} {
		res, err := http.Get(b.http + "/api/v1/maps/odd.csv?as=" + format)
		if err != nil {
			t.Fatal(err)
		}
		file, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != 200 || res.Header.Get("Content-Disposition") != "attachment; filename=odd."+format {
			t.Errorf("%s: %d %v %.200s", format, res.StatusCode, res.Header, file)
		}
		if format == "csv" && !strings.Contains(string(file), ",'=cmd") {
			t.Errorf("a spreadsheet would compute a cell: %s", file)
		}
		status, body := b.post("/api/v1/convert", asJSONText(t, uploadJSON{"odd." + format, file}))
		if status != 200 {
			t.Fatalf("%s: %d %s", format, status, body)
		}
		c := decoded[edit.Converted](t, body)
		got, err := convert.ParseTable("odd.csv", []byte(c.Text))
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) || c.Rows != 4 {
			t.Errorf("%s: %v, %d rows\n%v, want\n%v", format, err, c.Rows, got, want)
		}
	}
	// The same workbook as of its text, and as export writes it: with notes at the headers.
	_, saved := b.get("/api/v1/maps/odd.csv?as=xlsx")
	if _, made := b.post("/api/v1/workbook", asJSONText(t, bookJSON{"odd.csv", odd})); made != saved || !hasNotes(t, saved) {
		t.Errorf("the workbook of the map is not that of its text, or has no notes")
	}
	for path, text := range map[string]string{"?as=pdf": "one of csv, xlsx", "?as=xls": "did you mean xlsx?", "?az=csv": "did you mean as?"} {
		if status, body := b.get("/api/v1/maps/odd.csv" + path); status != 400 || !strings.Contains(body, text) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}

// TestDraftsBecomeWorkbooks has a text that is in no file as a workbook, whose notes say what columns mean.
func TestDraftsBecomeWorkbooks(t *testing.T) {
	b := answering(t, "").run()
	const text = "tag;address;scale;label.area\nwarm;40001;0,05;=1+1\n"
	status, book := b.post("/api/v1/workbook", asJSONText(t, bookJSON{"tags/draft.csv", text}))
	if status != 200 {
		t.Fatalf("%d %s", status, book)
	}
	notes := hasNotes(t, book)
	got, err := convert.ParseTable("draft.xlsx", []byte(book))
	if err != nil || !notes || len(got.Rows) != 1 || !strings.Contains(fmt.Sprint(got.Rows), "=1+1") {
		t.Errorf("notes %v, %v, %v", notes, got, err)
	}
	for name, of := range map[string]bookJSON{
		"more than 10000 rows": {"a.csv", "tag,address\n" + strings.Repeat("a,40001\n", 10_001)},
		"must end in":          {"a.exe", text},
		"at most 32767":        {"a.csv", "tag,address,description\na,40001," + strings.Repeat("x", 40_000) + "\n"},
	} {
		if status, body := b.post("/api/v1/workbook", asJSONText(t, of)); status != 400 || !strings.Contains(body, name) {
			t.Errorf("%s: %d %.200s", name, status, body)
		}
	}
}

// hasNotes reports that a workbook has notes at cells.
func hasNotes(t *testing.T, book string) bool {
	t.Helper()
	in, err := zip.NewReader(strings.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(in.File, func(f *zip.File) bool { return strings.HasPrefix(f.Name, "xl/comments") })
}

// workbook is a workbook whose sheet is text, over and over.
func workbook(t *testing.T, sheet string) []byte {
	t.Helper()
	table := convert.Table{Header: []string{"tag", "address"}, Rows: [][]string{{"a", "40001"}}}
	book, err := table.Format("xlsx")
	if err != nil {
		t.Fatal(err)
	}
	in, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range in.File {
		to, err := w.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(f.Name, "sheet1.xml") {
			io.WriteString(to, sheet)
			continue
		}
		from, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(to, from)
	}
	w.Close()
	return out.Bytes()
}

func TestHostileUploads(t *testing.T) {
	r := answering(t, "")
	b := r.run()
	const head = `<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`
	var rows strings.Builder
	for i := range 10_002 {
		fmt.Fprintf(&rows, `<row r="%d"><c r="A%d"><v>1</v></c></row>`, i+1, i+1)
	}
	for name, c := range map[string]struct {
		file string
		book []byte
		text string
	}{
		"bomb":     {"a.xlsx", workbook(t, head+strings.Repeat(" ", 64<<20)), "unfolds to over"},
		"long":     {"a.xlsx", workbook(t, head+rows.String()+"</sheetData></worksheet>"), "more than 10000 rows"},
		"far":      {"a.xlsx", workbook(t, head+`<row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData></worksheet>`), "more than 10000 rows"},
		"cut":      {"a.xlsx", workbook(t, head)[:500], "workbook"},
		"no book":  {"a.xlsx", []byte("tag,address\n"), "zip|workbook"},
		"no table": {"a.csv", []byte("\x00\x01"), "NUL"},
		"program":  {"a.exe", []byte("MZ"), "must end in one of"},
		"old book": {"a.xls", []byte("\xd0\xcf\x11\xe0"), "must end in one of"},
		"many":     {"a.csv", []byte("tag,address\n" + strings.Repeat("a,40001\n", 10_001)), "more than 10000 rows"},
	} {
		status, body := b.post("/api/v1/convert", asJSONText(t, uploadJSON{c.file, c.book}))
		found := false
		for _, text := range strings.Split(c.text, "|") {
			found = found || strings.Contains(body, text)
		}
		if status != 400 || !found {
			t.Errorf("%s: %d %.300s", name, status, body)
		}
	}
	// Latin letters of an old spreadsheet.
	status, body := b.post("/api/v1/convert", asJSONText(t, uploadJSON{"a.csv", []byte("tag;address;unit\r\nwarm;40001;\xb0C\r\n")}))
	if status != 200 || decoded[edit.Converted](t, body).Text != "tag;address;unit\r\nwarm;40001;°C\r\n" {
		t.Errorf("%d %s", status, body)
	}
}
