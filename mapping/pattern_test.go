package mapping

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPatternsMatch(t *testing.T) {
	for _, c := range []struct{ list, device, tag, want string }{
		{"", "boiler", "temp", "yes"},
		{"boiler/*", "boiler", "temp", "yes"},
		{"boiler/*", "boiler", "zone1/temp", "yes"},
		{"boiler/*", "boiler2", "temp", "no"},
		{"boiler", "boiler", "temp", "no"},
		{"Boiler/*", "boiler", "temp", "no"},
		{"*", "boiler", "temp", "yes"},
		{"*/temp", "boiler", "zone1/temp", "yes"},
		{"*temp*", "boiler", "temperature", "yes"},
		{"boiler/t?mp", "boiler", "temp", "yes"},
		{"boiler/t?mp", "boiler", "tmp", "no"},
		{"boiler?temp", "boiler", "temp", "yes"},
		{"*aba*ba*", "abaz", "z", "no"},
		{"ofen/*/?", "ofen", "wärme/°", "yes"},
		{"boiler/* !boiler/test*", "boiler", "test1", "no"},
		{"boiler/* !boiler/test*", "boiler", "temp", "yes"},
		{"boiler/* !boiler/test* boiler/test1", "boiler", "test1", "yes"},
		{"boiler/* !boiler/test* boiler/test1", "boiler", "test2", "no"},
		{"!boiler/test*", "boiler", "test1", "no"},
		{"!boiler/test*", "boiler", "temp", "yes"},
		{"!boiler/* boiler/temp", "boiler", "temp", "yes"},
		{"!boiler/* boiler/temp", "press", "force", "yes"},
	} {
		p, err := ParsePatterns(strings.Fields(c.list))
		if err != nil {
			t.Fatal(err)
		}
		if got := map[bool]string{true: "yes", false: "no"}[p.Match(c.device, c.tag)]; got != c.want {
			t.Errorf("[%s] of %s/%s = %s, want %s", c.list, c.device, c.tag, got, c.want)
		}
	}
}

func TestParsePatternsRefuses(t *testing.T) {
	for _, s := range []string{"", "!", "\xff*"} {
		if p, err := ParsePatterns([]string{"*", s}); err == nil {
			t.Errorf("ParsePatterns(%q) = %v, want an error", s, p)
		}
	}
}

// The worst pattern for an engine that backtracks ends at once.
func TestPatternDoesNotExplode(t *testing.T) {
	if glob(strings.Repeat("a*", 2000)+"b", strings.Repeat("a", 4000)) {
		t.Error("matched what has no b")
	}
}

// naiveGlob is the definition.
func naiveGlob(pattern, name string) bool {
	if pattern == "" {
		return name == ""
	}
	_, size := utf8.DecodeRuneInString(name)
	switch {
	case pattern[0] == '*':
		return naiveGlob(pattern[1:], name) || name != "" && naiveGlob(pattern, name[size:])
	case name == "":
		return false
	case pattern[0] == '?':
		return naiveGlob(pattern[1:], name[size:])
	}
	return pattern[0] == name[0] && naiveGlob(pattern[1:], name[1:])
}

func FuzzPattern(f *testing.F) {
	for _, s := range [][2]string{{"a*b?c", "a/b/c"}, {"**a", "aaa"}, {"?", "°"}, {"*°", "x°"}, {"a*a*a", "aaaaab"}, {"*??", "骡"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, pattern, name string) {
		if len(pattern) > 12 || len(name) > 16 || !utf8.ValidString(pattern) || !utf8.ValidString(name) {
			return
		}
		if got, want := glob(pattern, name), naiveGlob(pattern, name); got != want {
			t.Errorf("glob(%q, %q) = %v, want %v", pattern, name, got, want)
		}
	})
}

// TestMayMatch holds MayMatch against Match: a list that takes any tag of a device may match it.
func TestMayMatch(t *testing.T) {
	devices := []string{"a", "ab", "b", "a*b", "line-3/x"}
	tags := []string{"t", "temp", "x/y", "b"}
	lists := [][]string{nil, {"a/t"}, {"a*"}, {"?b/*"}, {"*"}, {"!a/*"}, {"b/*", "!b/t"}, {"a/*", "!a/*"}, {"line-3/x/*"}, {"a"}, {"*/temp"}, {"a?/t"}}
	ruled := 0
	for _, list := range lists {
		p, err := ParsePatterns(list)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range devices {
			takes := slices.ContainsFunc(tags, func(tag string) bool { return p.Match(d, tag) })
			may := p.MayMatch(d)
			if takes && !may {
				t.Errorf("%v takes a tag of %s, and MayMatch says that it cannot", list, d)
			}
			if !may {
				ruled++
			}
		}
	}
	if ruled == 0 {
		t.Error("MayMatch rules nothing out: the test shows nothing")
	}
}
