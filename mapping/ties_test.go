package mapping

import (
	"slices"
	"strings"
	"testing"

	calc "tagbridge/mapping/formula"
)

// tiedTags are tags by a text such as "a=holding:0 b=holding:200 c:a+b".
func tiedTags(t *testing.T, text string) []*Tag {
	t.Helper()
	var tags []*Tag
	for _, word := range strings.Fields(text) {
		if name, place, ok := strings.Cut(word, "="); ok {
			a, err := ParseAddress(place)
			if err != nil {
				t.Fatal(err)
			}
			tags = append(tags, &Tag{Name: name, Address: a, Traits: &Traits{Type: TypeUint16}})
			continue
		}
		name, expr, _ := strings.Cut(word, ":")
		f, err := calc.Compile(expr, calc.Scope{Find: func(name string) (calc.Name, bool) { return calc.Name{Name: name, Type: calc.Number}, true }})
		if err != nil {
			t.Fatal(err)
		}
		tags = append(tags, &Tag{Name: name, Traits: &Traits{Type: TypeFloat64}, Computed: &Computed{Expr: expr, Value: f}})
	}
	return tags
}

// TestFit has what belongs together be kept together as far as one request reaches, and says what is not.
func TestFit(t *testing.T) {
	whole := Reach{Registers: 125, Bits: 2000}
	for _, c := range []struct {
		text  string
		reach Reach
		loose string // names of rows
	}{
		{"a=holding:0 b=holding:124 c:a+b", whole, ""},
		{"a=holding:0 b=holding:125 c:a+b", whole, "c"},
		{"a=holding:0 b=input:1 c:a+b", whole, "c"},
		{"a=holding:0 b=input:1 c:a+b", Reach{Registers: 125, Bits: 2000, OneTable: true}, ""},
		{"a=holding:0 b=coil:1 c:a+b", Reach{Registers: 125, Bits: 2000, OneTable: true}, "c"},
		{"a=coil:0 b=coil:1999 c:a+b", whole, ""},
		{"a=coil:0 b=coil:2000 c:a+b", whole, "c"},
		{"a=holding:0.b1 b=holding:0.b2 c:a+b", Reach{Registers: 125, Single: true}, ""},
		{"a=holding:0 b=holding:1 c:a+b", Reach{Registers: 125, Single: true}, "c"},
		{"a=holding:0 b=holding:100 c=holding:50 d=holding:150 e:a+b f:c+d", whole, "f"},
		{"a=holding:0 b=holding:100 c=holding:100 d=holding:150 e:a+b f:c+d", whole, "f"},
		{"a=holding:0 b=holding:100 c=holding:101 d=holding:150 e:a+b f:c+d", whole, ""},
		{"a=holding:0 b=holding:60 c=holding:61 d=holding:120 e:a+b f:c+d g:e+f", whole, ""},
		{"a=holding:0 b=holding:100 d=holding:150 e:a+b f:e+d", whole, "f"},
		{"a=holding:0 c:a*2", whole, ""},
	} {
		tags := tiedTags(t, c.text)
		holds, loose := c.reach.Fit(Ties(tags), tags)
		var names []string
		for _, l := range loose {
			if l.Why == "" {
				t.Errorf("%s: nothing says why %s is loose", c.text, l.Tag.Name)
			}
			names = append(names, l.Tag.Name)
		}
		if got := strings.Join(names, " "); got != c.loose {
			t.Errorf("%s: loose %q, want %q", c.text, got, c.loose)
		}
		for m, last := range holds {
			if last < int(m.Address.Number) || last-int(m.Address.Number) >= 2000 {
				t.Errorf("%s: %s holds to %d", c.text, m.Name, last)
			}
		}
	}
	tags := tiedTags(t, "a=holding:0 b=holding:100 d=holding:120 e:a+b f:e+d")
	if ties := Ties(tags); len(ties) != 2 || len(ties[1].Members) != 3 || !slices.Contains(ties[1].Members, tags[0]) {
		t.Errorf("ties %+v, want those of e, and of f with those of e", ties)
	}
}
