package manual

import (
	"strings"
	"testing"
)

// TestEveryChapter reads all of the manual: nothing is lost, no mark is left in it, and every link leads to a heading.
func TestEveryChapter(t *testing.T) {
	ids := map[string]bool{}
	var links []string
	for _, name := range Names() {
		c, ok := Read(name)
		if !ok || c.Title == name || len(c.Blocks) < 3 {
			t.Fatalf("%s: %+v", name, c)
		}
		ids[name] = true
		each := func(s Span) {
			if s.Style != "code" && (strings.Contains(s.Text, "`") || strings.Contains(s.Text, "](") || strings.Contains(s.Text, "**")) {
				t.Errorf("%s: a mark is left in %q", name, s.Text)
			}
			if s.Style == "link" && !strings.Contains(s.To, "://") {
				links = append(links, s.To)
			}
		}
		for _, b := range c.Blocks {
			if b.Kind == "heading" {
				ids[name+"#"+b.ID] = true
			}
			for _, s := range b.Spans {
				each(s)
			}
			for _, row := range b.Rows {
				if len(row) != len(b.Rows[0]) {
					t.Errorf("%s: a row of %d cells below %d: %v", name, len(row), len(b.Rows[0]), row)
				}
				for _, cell := range row {
					for _, s := range cell {
						each(s)
					}
				}
			}
		}
	}
	for _, to := range links {
		if !ids[to] {
			t.Errorf("a link leads to %s, which is not there", to)
		}
	}
	if len(links) < 20 {
		t.Errorf("only %d links", len(links))
	}
}

func TestColumns(t *testing.T) {
	meaning := map[string]string{}
	for _, c := range Columns() {
		meaning[c.Column] = plain(c.Meaning)
	}
	if len(meaning) < 20 || !strings.Contains(meaning["enum"], "0=stopped|1=running") || meaning["tag"] == "" {
		t.Errorf("%v", meaning)
	}
}

func TestUnknownChapter(t *testing.T) {
	for _, name := range []string{"", "mapz", "../configs", "maps.md"} {
		if _, ok := Read(name); ok {
			t.Errorf("%s is read", name)
		}
	}
	if got := DidYouMean("mapz"); !strings.Contains(got, "did you mean maps?") {
		t.Errorf("%q", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("# A\n\n| a | b |\n|---|---|\n| `c\\|d` | [x](maps.md#y) |\n\n- one **two**\n  three\n\n```\ncode\n")
	f.Fuzz(func(t *testing.T, text string) { parse("maps", text) })
}
