package main

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"strings"
	"unicode/utf8"
)

// textWidth is how long lines of the manual are on a terminal.
const textWidth = 78

// plainText is the Markdown of the manual as people read it on a terminal of 80 columns: paragraphs filled, tables that are
// too wide as lists, links as what they lead to. It knows what the manual uses and no more.
func plainText(markdown []byte) []byte {
	var p typesetter
	for line := range strings.Lines(string(comment.ReplaceAll(markdown, nil))) {
		p.line(strings.TrimRight(line, "\r\n"))
	}
	p.flush()
	return p.out.Bytes()
}

var comment = regexp.MustCompile(`(?s)<!--.*?-->\n?`)

// typesetter gathers the lines of one paragraph, item or table and prints it when it is whole.
type typesetter struct {
	out   bytes.Buffer
	text  []string // of the paragraph or item that is being read
	item  bool
	table [][]string
	code  bool // between fences
}

func (p *typesetter) line(line string) {
	fence := strings.HasPrefix(line, "```")
	switch {
	case fence:
		p.flush()
		p.code = !p.code
		if p.code {
			p.gap()
		}
	case p.code:
		p.verbatim(line)
	case strings.HasPrefix(line, "    ") && len(p.text) == 0:
		p.verbatim(line[4:])
	case strings.TrimSpace(line) == "":
		p.flush()
		p.gap()
	case strings.HasPrefix(line, "#"):
		p.flush()
		p.heading(line)
	case strings.HasPrefix(line, "|"):
		p.row(line)
	case strings.HasPrefix(line, "- "):
		p.flush()
		p.item = true
		p.text = append(p.text, line[2:])
	default:
		p.text = append(p.text, strings.TrimSpace(line))
	}
}

func (p *typesetter) verbatim(line string) {
	p.out.WriteString(strings.TrimRight("    "+line, " ") + "\n")
}

// gap ends what is printed with one empty line.
func (p *typesetter) gap() {
	if p.out.Len() > 0 && !bytes.HasSuffix(p.out.Bytes(), []byte("\n\n")) {
		p.out.WriteByte('\n')
	}
}

func (p *typesetter) heading(line string) {
	text := strings.TrimLeft(line, "#")
	level := len(line) - len(text)
	text = inline(strings.TrimSpace(text))
	p.gap()
	fmt.Fprintln(&p.out, text)
	if level <= len(underline) {
		fmt.Fprintln(&p.out, strings.Repeat(underline[level-1], utf8.RuneCountInString(text)))
	}
}

var underline = [...]string{"=", "-", "~"}

// flush prints what was gathered.
func (p *typesetter) flush() {
	switch {
	case p.table != nil:
		p.printTable()
	case p.item:
		p.fill("- ", "  ", strings.Join(p.text, " "))
	case p.text != nil:
		p.fill("", "", strings.Join(p.text, " "))
	}
	p.text, p.table, p.item = nil, nil, false
}

// fill prints text in lines of textWidth, the first of which begins with first and the others with rest.
func (p *typesetter) fill(first, rest, text string) {
	line, empty := first, true
	for _, word := range words(inline(text)) {
		if !empty && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > textWidth {
			fmt.Fprintln(&p.out, line)
			line, empty = rest, true
		}
		if !empty {
			line += " "
		}
		line += word
		empty = false
	}
	fmt.Fprintln(&p.out, line)
}

var codeSpan = regexp.MustCompile("`[^`]+`")

// words splits text at its blanks. Short code is not torn apart.
func words(text string) []string {
	const hard, short = "\x00", 40
	text = codeSpan.ReplaceAllStringFunc(text, func(code string) string {
		if len(code) > short {
			return code
		}
		return strings.ReplaceAll(code, " ", hard)
	})
	list := strings.Fields(text)
	for i := range list {
		list[i] = strings.ReplaceAll(list[i], hard, " ")
	}
	return list
}

var (
	strong = regexp.MustCompile(`\*\*([^*]+)\*\*`)
	link   = regexp.MustCompile(`\[([^\]]+)\]\(([^)\s]+)\)`)
)

// inline is text without its marks. Links to other chapters say which they are.
func inline(text string) string {
	text = strong.ReplaceAllString(text, "$1")
	return link.ReplaceAllStringFunc(text, func(s string) string {
		m := link.FindStringSubmatch(s)
		shown, to := m[1], m[2]
		file, _, _ := strings.Cut(to, "#")
		name, page := strings.CutSuffix(path.Base(file), ".md")
		if !page || strings.Contains(to, "://") || name == shown || strings.ToUpper(name) == name {
			return shown
		}
		return shown + " (help " + name + ")"
	})
}
