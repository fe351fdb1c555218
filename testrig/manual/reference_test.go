package manual

import (
	"slices"
	"strings"
	"testing"
)

const page = `# Things

Said before.

## One

| thing | default | meaning |
|---|---|---|
| ` + "`a`" + ` | 1 | the first \| one |
| ` + "`gone`" + ` | 2 | no more |

Said after.

## Two

| thing | meaning |
|---|---|
| ` + "`x`" + ` | ex |
`

// What people wrote stays with its row, rows come and go with the code, and a new one without a meaning is named.
func TestRender(t *testing.T) {
	one := Table{Heading: "One", Columns: []string{"thing", "default"}, Rows: [][]string{{"`b`", "9"}, {"`a`", "3"}}, Prose: []string{"meaning"}}
	two := Table{Heading: "Two", Columns: []string{"thing"}, Rows: [][]string{{"`x`"}}, Prose: []string{"meaning"}}
	three := Table{Heading: "Three", Columns: []string{"thing"}, Rows: [][]string{{"`y`"}}}
	const want = `# Things

Said before.

## One

| thing | default | meaning |
|---|---|---|
| ` + "`b`" + ` | 9 |  |
| ` + "`a`" + ` | 3 | the first \| one |

Said after.

## Two

| thing | meaning |
|---|---|
| ` + "`x`" + ` | ex |

## Three

| thing |
|---|
| ` + "`y`" + ` |
`
	got, missing := render(page, []Table{one, two, three})
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if !slices.Equal(missing, []string{"`b`"}) {
		t.Errorf("missing %q", missing)
	}
	if left := stale(got, []Table{one, {Heading: "New", Columns: two.Columns, Prose: two.Prose}}); !slices.Equal(left, []string{"Two"}) {
		t.Errorf("stale: %q", left)
	}
	if again, _ := render(strings.Replace(got, "after.\n\n##", "after.\n##", 1), []Table{one, two, three}); again != got {
		t.Errorf("with a blank line missing it is\n%s", again)
	}
	if again, _ := render(got, []Table{one, two, three}); again != got {
		t.Errorf("written again it is\n%s", again)
	}
}

func TestDifference(t *testing.T) {
	if got, want := difference("a\nb", "a\nc"), "line 2 is\n\tb\nand must be\n\tc"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := difference("a", "a\nc"), "it has 1 lines and must have 2"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
