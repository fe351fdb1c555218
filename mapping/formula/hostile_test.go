package formula

import (
	"fmt"
	"strings"
	"testing"
)

// TestHostile has formulas that are made to cost much: each is refused with words, or computed like any other.
func TestHostile(t *testing.T) {
	known := values()
	many := func(n int, f func(i int) string) string {
		all := make([]string, n)
		for i := range all {
			all[i] = f(i)
		}
		return strings.Join(all, ", ")
	}
	for name, c := range map[string]struct{ text, refused string }{
		"brackets":                 {strings.Repeat("(", 1_000_000), "at most 4096"},
		"brackets that fit":        {strings.Repeat("(", 2000) + "kw" + strings.Repeat(")", 2000), "brackets"},
		"minus signs":              {strings.Repeat("-", 4000) + "kw", ""},
		"a text":                   {"'" + strings.Repeat("x", 1_000_000) + "'", "at most 4096"},
		"a text that grows":        {"text(kw) + text(kw)", "a number is needed"},
		"powers":                   {"9 ** 9 ** 9 ** 9 ** 9", ""},
		"many powers":              {strings.Repeat("9 ** ", 800) + "9", ""},
		"powers of powers":         {strings.Repeat("(", 90) + "9" + strings.Repeat(" ** 99)", 90), ""},
		"a list":                   {"kw in [" + many(1_000_000, func(i int) string { return fmt.Sprint(i) }) + "]", "at most 4096"},
		"a list that fits":         {"kw in [" + many(900, func(i int) string { return "1" }) + "]", ""},
		"lists in lists":           {"kw in [" + strings.Repeat("[", 50) + strings.Repeat("]", 50) + "]", ""},
		"a range":                  {"kw in 0..9223372036854775807", ""},
		"arguments":                {"max(" + many(1300, func(int) string { return "a" }) + ")", "max takes 1 to"},
		"comparisons in a chain":   {"1" + strings.Repeat(" < kw", 500), ""},
		"comparisons in each":      {strings.Repeat("(1 < ", 60) + "kw" + strings.Repeat(" < 2 ? 1 : 2)", 60), "takes too long"},
		"choices":                  {strings.Repeat("door ? 1 : ", 360) + "2", ""},
		"a huge number":            {strings.Repeat("9", 4000), "too many digits"},
		"a tiny number":            {"1e-99999", ""},
		"a number of many zeros":   {"0." + strings.Repeat("0", 3000) + "1", ""},
		"a letter from elsewhere":  {"kｗ + 1", "unknown tag"},
		"a letter that looks same": {"кw + 1", "unknown tag"}, // Cyrillic к
		"a joined letter":          {"k\u200bw", "unknown tag"},
		"right to left":            {"\u202ekw", "unknown tag"},
		"a zero":                   {"kw\x00", ""},
		"not UTF-8":                {"kw + \xff", ""},
		"half a character":         {"'\xed\xa0\x80'", ""},
		"a closure":                {"filter([1], {# > 0})", ""},
		"a pipe":                   {"kw | abs", ""},
		"a variable":               {"let x = 1; x", ""},
		"the machine's names":      {"$env", ""},
		"a method":                 {"kw.String()", ""},
	} {
		f, err := Compile(c.text, scope(known))
		if err != nil {
			if n := len([]rune(c.text)); err.At < 1 || err.At > n+1 || err.Message == "" || len(err.Message) > 1400 {
				t.Errorf("%s: refused at %d of %d: %.500s", name, err.At, n, err.Message)
			}
			if c.refused != "" && !strings.Contains(err.Message, c.refused) {
				t.Errorf("%s: %q, want %q", name, err.Message, c.refused)
			}
			continue
		}
		if c.refused != "" {
			t.Errorf("%s was taken, want %q", name, c.refused)
		}
		var in []*Input
		for _, n := range f.Inputs() {
			in = append(in, known[n.Name])
		}
		var res Result
		f.Eval(in, new(Past), 2000, &res)
	}
}
