package mapping

import (
	"strings"
	"testing"
)

func TestParseType(t *testing.T) {
	for i, name := range TypeNames {
		if Type(i) == TypeAuto || Type(i) == TypeString {
			continue
		}
		if got, n, err := ParseType(strings.ToUpper(name)); err != nil || got != Type(i) || n != 0 {
			t.Errorf("ParseType(%q) = %v, %d, %v", name, got, n, err)
		}
	}
	for in, want := range map[string]int{"string:1": 1, "String:250": 250, "string:007": 7} {
		if got, n, err := ParseType(in); err != nil || got != TypeString || n != want {
			t.Errorf("ParseType(%q) = %v, %d, %v, want %d bytes", in, got, n, err, want)
		}
	}
	for in, want := range map[string]string{
		"":                            "no such type",
		"flaot32":                     "no such type",
		"int":                         "no such type",
		"string":                      "no length",
		"string:":                     "not a number",
		"string:-1":                   "not a number",
		"string:0":                    "1 to 250",
		"string:251":                  "1 to 250",
		"string:99999999999999999999": "1 to 250",
		"int16:2":                     "only a string",
	} {
		if got, n, err := ParseType(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseType(%q) = %v, %d, %v, want an error with %q", in, got, n, err, want)
		}
	}
}

func TestParseOrder(t *testing.T) {
	for in, want := range map[string]Order{"ABCD": ABCD, "cdab": CDAB, "Badc": BADC, "DCBA": DCBA} {
		if got, err := ParseOrder(in); err != nil || got != want {
			t.Errorf("ParseOrder(%q) = %v, %v, want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "ABDC", "little", " ABCD"} {
		if got, err := ParseOrder(in); err == nil || !strings.Contains(err.Error(), "want ABCD, CDAB") {
			t.Errorf("ParseOrder(%q) = %v, %v, want an error that names the orders", in, got, err)
		}
	}
}

func TestTagRegisters(t *testing.T) {
	for typ, want := range map[string]int{
		"bool": 1, "int8": 1, "uint16": 1, "float16": 1, "bcd16": 1, "int32": 2, "float32": 2, "bcd32": 2,
		"int64": 4, "float64": 4, "string:1": 1, "string:2": 1, "string:3": 2, "string:250": 125,
	} {
		if got := newTag(t, typ, "").Registers(); got != want {
			t.Errorf("%s takes %d registers, want %d", typ, got, want)
		}
	}
	coil := &Tag{Address: Address{Table: Coil}, Traits: &Traits{Type: TypeBool}}
	if got := coil.Registers(); got != 1 {
		t.Errorf("a coil takes %d bits", got)
	}
}

func FuzzParseType(f *testing.F) {
	for _, s := range []string{"int16", "STRING:12", "string:", "string:251", "bcd32", ":", "bool:1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, n, err := ParseType(s)
		switch {
		case err != nil:
		case got == TypeAuto || (got == TypeString) != (n != 0) || n < 0 || n > MaxLength:
			t.Errorf("ParseType(%q) = %v, %d", s, got, n)
		case got != TypeString && !strings.EqualFold(s, got.String()):
			t.Errorf("ParseType(%q) = %v", s, got)
		}
	})
}
