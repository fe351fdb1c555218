package mapping

import (
	"strings"
	"testing"
)

func TestParseType(t *testing.T) {
	for _, typ := range AllTypes() {
		for _, name := range writtenAs(typ) {
			if got, n, err := ParseType(strings.ToUpper(name)); err != nil || got != typ || got.Text(n) != name {
				t.Errorf("ParseType(%q) = %v, %d, %v", name, got, n, err)
			}
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
		"int16:2":                     "int16 has no length",
		"bits":                        "want bits:N, N bits",
		"bits:33":                     "1 to 32 bits",
		"mod10k:5":                    "1 to 4 registers",
		"chars:126":                   "1 to 125 characters",
		"datetime":                    "one of epoch, epoch_ms, iec, six, bcd, packed",
		"datetime:":                   "one of epoch",
		"datetime:unix":               "one of epoch",
	} {
		if got, n, err := ParseType(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseType(%q) = %v, %d, %v, want an error with %q", in, got, n, err, want)
		}
	}
}

// writtenAs are spellings of typ, one for each of the first lengths that it has.
func writtenAs(typ Type) (names []string) {
	for n := range 5 {
		name := typ.Text(n)
		if (n > 0) == strings.Contains(name, ":") && (n > 0 || !strings.Contains(typ.written(), ":")) {
			names = append(names, name)
		}
	}
	return names
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
		"int24": 2, "uint48": 3, "sm16": 1, "sm32": 2, "bits:16": 1, "bits:17": 2, "mod10k:3": 3, "chars:17": 17, "bcd8": 1,
		"datetime:epoch": 2, "datetime:epoch_ms": 4, "datetime:iec": 4, "datetime:six": 6, "datetime:bcd": 3, "datetime:packed": 3,
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
		case got == TypeAuto || strings.Contains(s, ":") != (n != 0) || n < 0 || n > MaxLength || got.registersOf(n) < 1 || got.registersOf(n) > 125:
			t.Errorf("ParseType(%q) = %v, %d", s, got, n)
		case n == 0 && !strings.EqualFold(s, got.String()):
			t.Errorf("ParseType(%q) = %v", s, got)
		}
	})
}
