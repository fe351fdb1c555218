package edit

import (
	"errors"
	"reflect"
	"testing"

	"tagbridge/mapping/convert"
)

// FuzzWorkbook: a text that is a table becomes a workbook that is read back as the same rows, and a file that is none is refused
// in words. Nothing panics, whatever is sent as a workbook.
func FuzzWorkbook(f *testing.F) {
	for _, text := range []string{
		"tag,address\na,40001\n", "tag;address;scale\na;40001;0,05\n", "sep=;\ntag;address\n\"a\"\"b\";=1+1\n", "tag\taddress\na\t'40001\n",
		"- {tag: a, address: 40001}\n", "tag,address,label.x\na,40001,\n# c\n\n", "tag,address\r\na,1e5\r\nb,0x10\r\n", "tag,tag\na,b\n", "PK\x03\x04", "#", "", "Address,\b\n", "tag,address\na\x01,40001\n",
	} {
		f.Add("a.csv", text)
		f.Add("a.yaml", text)
		f.Add("a.xlsx", text)
	}
	f.Fuzz(func(t *testing.T, name, text string) {
		if _, err := Convert(name+".xlsx", []byte(text)); err != nil && !errors.Is(err, ErrRequest) {
			t.Fatalf("as a workbook: %v", err)
		}
		book, err := Workbook(name, text, nil)
		if err != nil {
			if !errors.Is(err, ErrRequest) {
				t.Fatal(err)
			}
			return
		}
		back, err := convert.ParseTableWithin("back.xlsx", book, uploadLimits)
		if err != nil {
			t.Fatalf("%q: not read back: %v", text, err)
		}
		of := name
		if len(of) > 5 && of[len(of)-5:] == ".xlsx" {
			of = "a.csv"
		}
		was, err := convert.ParseTableWithin(of, []byte(text), uploadLimits)
		if err != nil || of != "a.csv" {
			return
		}
		if !reflect.DeepEqual(back.Header, was.Header) || len(was.Rows) > 0 && !reflect.DeepEqual(back.Rows, was.Rows) {
			t.Fatalf("%q: %q %q is read back as %q %q", text, was.Header, was.Rows, back.Header, back.Rows)
		}
	})
}
