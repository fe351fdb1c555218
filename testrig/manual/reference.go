// Package manual holds the reference pages of configs/manual against what the code has: each package that owns a table
// (columns, keys, metrics, fields, …) has a test that calls Hold. It imports nothing of this module, so that every package's
// tests can use it.
package manual

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Table is one table of a page, as the code has it. The page has further columns after these, which people write: what each
// row means.
type Table struct {
	Heading string     // of the page's section: the text after ##; "" when the page has but one table
	Columns []string   // the first names the row
	Rows    [][]string // in the order of the page; Markdown
	Prose   []string   // the columns that people write; the last must be filled in each row
}

// Hold fails t when the page reference/PAGE.md is not what tables say. With update it writes the page anew: cells that people
// wrote stay with their rows, those of new rows are to be written.
func Hold(t testing.TB, update bool, page string, tables ...Table) {
	t.Helper()
	was := Page(t, page)
	now, missing := render(was, tables)
	if update {
		if err := os.WriteFile(pagePath(t, page), []byte(now), 0o644); err != nil {
			t.Fatal(err)
		}
		was = now
	}
	if was != now {
		t.Errorf("reference/%s.md is not what the code has: run make manual, then write what is missing. First difference:\n%s", page, difference(was, now))
	}
	for _, heading := range stale(now, tables) {
		t.Errorf("reference/%s.md has a table under %q that the code does not have: remove that section", page, heading)
	}
	for _, name := range missing {
		t.Errorf("reference/%s.md says nothing about %s: fill its row", page, name)
	}
}

// Page is the text of a page.
func Page(t testing.TB, page string) string {
	t.Helper()
	text, err := os.ReadFile(pagePath(t, page))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func pagePath(t testing.TB, page string) string {
	return filepath.Join(Root(t), "configs", "manual", "reference", page+".md")
}

// Root is the folder of the module.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the working directory")
		}
		dir = up
	}
}

// Code is text as Markdown shows code, without what would end a cell; "" stays empty.
func Code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + strings.ReplaceAll(text, "|", `\|`) + "`"
}

// render is page with its tables as the code has them, and the names of rows about which people have written nothing.
func render(page string, tables []Table) (text string, missing []string) {
	for _, table := range tables {
		heading := ""
		if table.Heading != "" {
			heading = "## " + table.Heading + "\n"
			if !strings.Contains(page, "\n"+heading) {
				page = strings.TrimRight(page, "\n") + "\n\n" + heading
			}
		}
		begin := 0
		if heading != "" {
			begin = strings.Index(page, "\n"+heading) + 1 + len(heading)
		}
		end := len(page)
		if next := strings.Index(page[begin:], "\n## "); next >= 0 {
			end = begin + next + 1
		}
		section, lacking := renderSection(page[begin:end], table)
		if end < len(page) {
			section += "\n" // before the next heading
		}
		page = page[:begin] + section + page[end:]
		missing = append(missing, lacking...)
	}
	return page, missing
}

// renderSection puts the table into a section, in place of the one that is there.
func renderSection(section string, table Table) (text string, missing []string) {
	var before, old, after []string
	for _, line := range strings.Split(strings.TrimRight(section, "\n"), "\n") {
		switch {
		case strings.HasPrefix(line, "|") && len(after) == 0:
			old = append(old, line)
		case len(old) == 0:
			before = append(before, line)
		default:
			after = append(after, line)
		}
	}
	written := prose(old, len(table.Columns))
	lines := []string{line(slices.Concat(table.Columns, table.Prose)), strings.Repeat("|---", len(table.Columns)+len(table.Prose)) + "|"}
	for _, row := range table.Rows {
		cells := written[row[0]]
		for len(cells) < len(table.Prose) {
			cells = append(cells, "")
		}
		if n := len(table.Prose); n > 0 && cells[n-1] == "" {
			missing = append(missing, row[0])
		}
		lines = append(lines, line(slices.Concat(row, cells[:len(table.Prose)])))
	}
	for len(before) > 0 && before[len(before)-1] == "" {
		before = before[:len(before)-1]
	}
	text = strings.Join(slices.Concat(before, []string{""}, lines, after), "\n") + "\n"
	return text, missing
}

// stale are the headings of page that none of tables has, with a table of the same columns as one of them.
func stale(page string, tables []Table) (headings []string) {
	known, first := map[string]bool{}, map[string]bool{}
	for _, table := range tables {
		known[table.Heading] = true
		first[line(slices.Concat(table.Columns, table.Prose))] = true
	}
	heading := ""
	for text := range strings.Lines(page) {
		text = strings.TrimSuffix(text, "\n")
		if title, ok := strings.CutPrefix(text, "## "); ok {
			heading = title
		}
		if first[text] && !known[heading] && !known[""] {
			headings = append(headings, heading)
		}
	}
	return headings
}

func line(cells []string) string { return "| " + strings.Join(cells, " | ") + " |" }

// prose is what people wrote, by the first cell of its row: the cells after the first skip.
func prose(rows []string, skip int) map[string][]string {
	const bar = "\x00"
	written := map[string][]string{}
	for _, row := range rows {
		row = strings.ReplaceAll(strings.TrimSpace(row), `\|`, bar)
		cells := strings.Split(strings.TrimSuffix(strings.TrimPrefix(row, "|"), "|"), "|")
		for i := range cells {
			cells[i] = strings.ReplaceAll(strings.TrimSpace(cells[i]), bar, `\|`)
		}
		if len(cells) > skip {
			written[cells[0]] = cells[skip:]
		}
	}
	return written
}

// difference is the first line that is not the same.
func difference(was, now string) string {
	a, b := strings.Split(was, "\n"), strings.Split(now, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d is\n\t%s\nand must be\n\t%s", i+1, a[i], b[i])
		}
	}
	return fmt.Sprintf("it has %d lines and must have %d", len(a), len(b))
}
