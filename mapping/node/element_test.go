package node

import (
	"strings"
	"testing"
)

func TestParseElement(t *testing.T) {
	for _, c := range []struct {
		text string
		want Element
		err  string // a part of the error
	}{
		{text: ""},
		{text: "[3]", want: Element{{Index: []int{3}}}},
		{text: "[1,2]", want: Element{{Index: []int{1, 2}}}},
		{text: "[1, 2]", want: Element{{Index: []int{1, 2}}}},
		{text: "[ 3 ]", want: Element{{Index: []int{3}}}},
		{text: "[0000000003]", want: Element{{Index: []int{3}}}},
		{text: "[2147483647]", want: Element{{Index: []int{2147483647}}}},
		{text: "[*]", want: Element{{Each: true}}},
		{text: ".Speed", want: Element{{Member: "Speed"}}},
		{text: ".Motor Speed", want: Element{{Member: "Motor Speed"}}},
		{text: ".Größe", want: Element{{Member: "Größe"}}},
		{text: ".3", want: Element{{Member: "3"}}},
		{text: ".R&D", want: Element{{Member: "R&D"}}},
		{text: ".a&.b&[0&]&&c", want: Element{{Member: "a.b[0]&c"}}},
		{text: ".a&", want: Element{{Member: "a&"}}},
		{text: "[3].Speed", want: Element{{Index: []int{3}}, {Member: "Speed"}}},
		{text: "[*][0].Axis.Speed", want: Element{{Each: true}, {Index: []int{0}}, {Member: "Axis"}, {Member: "Speed"}}},

		{text: "3", err: "must be like [3]"},
		{text: "Speed", err: "must be like [3]"},
		{text: "[3]Speed", err: "at character 4: must be like [3]"},
		{text: ".Größe[0]x", err: "at character 10: must be like [3]"},
		{text: "[3", err: "a [ without ]"},
		{text: "[]", err: `"" is no index`},
		{text: "[1,]", err: `"" is no index`},
		{text: "[-1]", err: `"-1" is no index`},
		{text: "[1:2]", err: `"1:2" is no index`},
		{text: "[1.5]", err: `"1.5" is no index`},
		{text: "[0x3]", err: `"0x3" is no index`},
		{text: "[٣]", err: `"٣" is no index`},
		{text: "[*,1]", err: `"*" is no index`},
		{text: "[2147483648]", err: `"2147483648" is no index`},
		{text: "[*][*]", err: "[*] is allowed only once"},
		{text: "[*].Axis[*]", err: "[*] is allowed only once"},
		{text: ".", err: "a . without the name"},
		{text: "..a", err: "a . without the name"},
		{text: ".a.", err: "at character 3: a . without the name"},
		{text: ". ", err: "a blank at the beginning or end"},
		{text: ".Speed [3]", err: "a blank at the beginning or end"},
		{text: ".Speed]", err: "a ] without ["},
	} {
		got, err := ParseElement(c.text)
		switch {
		case c.err != "":
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%q is %+v, %v; want an error with %q", c.text, got, err, c.err)
			}
		case err != nil:
			t.Errorf("%q: %v", c.text, err)
		case !got.Equal(c.want):
			t.Errorf("%q is %+v, want %+v", c.text, got, c.want)
		default:
			elementReadsBack(t, got)
		}
	}
}

func elementReadsBack(t *testing.T, e Element) {
	t.Helper()
	again, err := ParseElement(e.String())
	if err != nil || !again.Equal(e) {
		t.Errorf("%+v is written as %q, which is read as %+v, %v", e, e, again, err)
	}
}

// TestElementIsWrittenPlainly has no escapes where none are needed.
func TestElementIsWrittenPlainly(t *testing.T) {
	for _, s := range []string{"[3]", "[1,2]", "[*].Speed", ".Motor Speed", ".R&D", ".a&.b", ".a&&&.b", ".a&&[0]"} {
		e, err := ParseElement(s)
		if err != nil || e.String() != s {
			t.Errorf("%q is written as %q, %v", s, e, err)
		}
	}
}

func FuzzElement(f *testing.F) {
	for _, s := range []string{"[3]", ".Speed", "[3].Speed", "[1,2]", "[*]", ".", "[", "]", ".a&.b", ".&&&", ".a b[ 1 , 2 ]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, err := ParseElement(s)
		if err != nil {
			return
		}
		for _, st := range e {
			if st.Each != (st.Index == nil && st.Member == "") || st.Index != nil && st.Member != "" {
				t.Fatalf("%q has step %+v", s, st)
			}
		}
		elementReadsBack(t, e)
	})
}

// FuzzMember writes any name of a member so that it is read as this.
func FuzzMember(f *testing.F) {
	for _, s := range []string{"Speed", "a.b", "R&D", "&", "&&.", "[0]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if name != "" && strings.TrimSpace(name) == name {
			elementReadsBack(t, Element{{Member: name}, {Index: []int{1}}, {Member: name}})
		}
	})
}

func TestElementAt(t *testing.T) {
	e, err := ParseElement(".Axis[*].Speed")
	if err != nil {
		t.Fatal(err)
	}
	if got := e.At(7).String(); got != ".Axis[7].Speed" || e.String() != ".Axis[*].Speed" {
		t.Errorf("element 7 of %s is %s", e, got)
	}
	if e.Each() != 1 || e.At(7).Each() != -1 || !e.HasMember() || e[1:2].HasMember() {
		t.Errorf("%s: [*] at %d, member %v", e, e.Each(), e.HasMember())
	}
}
