package main

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"tagbridge/configs"
)

const root = "../.."

// documents are the files that people read, by their paths in the repository.
func documents(t *testing.T) []string {
	t.Helper()
	list := []string{"README.md", "testrig/README.md"}
	err := fs.WalkDir(configs.Manual, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			list = append(list, path.Join("configs", name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 15 {
		t.Fatalf("only %d documents were found", len(list))
	}
	return list
}

func document(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// fenced is code between fences and in backquotes, where no link is one.
var fenced = regexp.MustCompile("(?ms)^```.*?^```|`[^`\n]*`")

var markdownLink = regexp.MustCompile(`\[[^\]]*\]\(([^)\s]+)\)`)

// Every link leads to a file that is there, and to a heading in it.
func TestManualLinks(t *testing.T) {
	seen := 0
	for _, name := range documents(t) {
		text := fenced.ReplaceAllString(document(t, name), "")
		for _, m := range markdownLink.FindAllStringSubmatch(text, -1) {
			to := m[1]
			if strings.Contains(to, "://") {
				continue
			}
			seen++
			file, anchor, _ := strings.Cut(to, "#")
			target := name
			if file != "" {
				target = path.Join(path.Dir(name), file)
			}
			if _, err := os.Stat(filepath.Join(root, target)); err != nil {
				t.Errorf("%s: link to %s: no such file", name, to)
				continue
			}
			if anchor != "" && !slices.Contains(anchors(document(t, target)), anchor) {
				t.Errorf("%s: link to %s: no such heading, there are %s", name, to, strings.Join(anchors(document(t, target)), ", "))
			}
		}
	}
	if seen < 50 {
		t.Errorf("only %d links were found", seen)
	}
}

// No page has a heading twice: a link would lead to the first of them.
func TestManualHeadings(t *testing.T) {
	for _, name := range documents(t) {
		list := anchors(codeBlocks.ReplaceAllString(document(t, name), ""))
		slices.Sort(list)
		for i := range list {
			if i > 0 && list[i] == list[i-1] {
				t.Errorf("%s has the heading %s twice", name, list[i])
			}
		}
	}
}

// anchors are those of the headings of text, as web pages of repositories make them.
func anchors(text string) []string {
	var list []string
	for line := range strings.Lines(text) {
		heading := strings.TrimLeft(line, "#")
		if heading == line || heading[0] != ' ' {
			continue
		}
		list = append(list, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, strings.TrimSpace(heading)))
	}
	return list
}

// The README is read by somebody who does not know yet whether to read on.
func TestReadmeIsShort(t *testing.T) {
	if n := len(document(t, "README.md")); n > 9000 {
		t.Errorf("README.md has %d bytes, at most 9000 are wanted: the rest belongs in configs/manual", n)
	}
}

// The contents lead to every chapter.
func TestManualContents(t *testing.T) {
	pages := manualPages()
	for _, name := range documents(t) {
		page, ok := strings.CutPrefix(strings.TrimSuffix(name, ".md"), "configs/manual/")
		if ok && page != "README" && !slices.Contains(pages, page) {
			t.Errorf("%s is not in configs/manual/README.md", name)
		}
	}
}

// The manual is readable on a terminal of 80 columns; what has no blank in it may be longer.
func TestHelpFitsTerminals(t *testing.T) {
	status, out, complaints := typed(t, "", "help", "all")
	if status != exitOK || complaints != "" {
		t.Fatalf("status %d, complained %q", status, complaints)
	}
	for _, line := range strings.Split(out, "\n") {
		if len([]rune(line)) > 80 && len(strings.Fields(line)) > 1 {
			t.Errorf("longer than 80 columns: %s", line)
		}
		if strings.Contains(line, "](") || strings.Contains(line, "**") {
			t.Errorf("marks are left: %s", line)
		}
	}
}

func TestHelpVerb(t *testing.T) {
	for _, c := range []struct {
		args   []string
		status int
		out    string // a part of what is printed
		said   string // a part of the complaint
	}{
		{[]string{"help"}, exitOK, "maps ", ""},
		{[]string{"help", "maps"}, exitOK, "Tag maps\n========\n", ""},
		{[]string{"help", "reference/metrics"}, exitOK, "tagbridge_polls_total", ""},
		{[]string{"help", "Metrics"}, exitOK, "tagbridge_polls_total", ""},
		{[]string{"help", "maps.md"}, exitOK, "Tag maps\n", ""},
		{[]string{"help", "check"}, exitOK, "Usage: tagbridge check", ""},
		{[]string{"help", "journal", "stat"}, exitOK, "Usage: tagbridge journal stat", ""},
		{[]string{"help", "mapz"}, exitBadFile, "", "did you mean maps?"},
		{[]string{"help", "chekc"}, exitBadFile, "", "did you mean check?"},
		{[]string{"help", "../maps"}, exitBadFile, "", "nothing about"},
	} {
		status, out, complaints := typed(t, "", c.args...)
		if status != c.status || !strings.Contains(out, c.out) || !strings.Contains(complaints, c.said) {
			t.Errorf("%v: status %d, printed %.200q, complained %q; want %d, %q, %q", c.args, status, out, complaints, c.status, c.out, c.said)
		}
	}
}

func TestPlainText(t *testing.T) {
	const markdown = "# Head *\n\nSome **strong** words and [a link](maps.md#here), [maps](maps.md), [a file](../plant.yaml) that go on for so long that they are filled.\n" +
		"<!-- not\nshown -->\n- an item that is long enough to be broken into two lines when it is printed on a terminal\n- another\n\n" +
		"| a | b |\n|---|---|\n| `x\\|y` | 1 |\n\n```yaml\na:  1   \n\n  b: 2\n```\n"
	const want = `Head *
======

Some strong words and a link (help maps), maps, a file that go on for so long
that they are filled.
- an item that is long enough to be broken into two lines when it is printed
  on a terminal
- another

a      b
-----  -
` + "`x|y`" + `  1

    a:  1

      b: 2
`
	if got := string(plainText([]byte(markdown))); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
