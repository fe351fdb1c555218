package manual

import (
	"path"
	"regexp"
	"strings"
	"unicode"
)

var comment = regexp.MustCompile(`(?s)<!--.*?-->\n?`)

// parser gathers the lines of one paragraph, item or table.
type parser struct {
	chapter Chapter
	text    []string
	item    bool
	rows    [][][]Span
	code    []string
	fenced  bool
}

func parse(name, markdown string) Chapter {
	p := &parser{chapter: Chapter{Name: name, Title: name, Blocks: []Block{}}}
	for line := range strings.Lines(comment.ReplaceAllString(markdown, "")) {
		p.line(strings.TrimRight(line, "\r\n"))
	}
	p.end()
	return p.chapter
}

func (p *parser) line(line string) {
	switch {
	case strings.HasPrefix(line, "```"):
		if !p.fenced {
			p.end()
		}
		if p.fenced = !p.fenced; !p.fenced {
			p.end()
		}
	case p.fenced:
		p.code = append(p.code, line)
	case strings.HasPrefix(line, "    ") && len(p.text) == 0:
		p.code = append(p.code, line[4:])
	case strings.TrimSpace(line) == "":
		p.end()
	case strings.HasPrefix(line, "#"):
		p.end()
		p.heading(line)
	case strings.HasPrefix(line, "|"):
		if p.rows == nil {
			p.end()
		}
		p.row(line)
	case strings.HasPrefix(line, "- "):
		p.end()
		p.item = true
		p.text = append(p.text, line[2:])
	default:
		p.text = append(p.text, strings.TrimSpace(line))
	}
}

// end makes a block of what was gathered.
func (p *parser) end() {
	var b Block
	switch {
	case p.rows != nil:
		b = Block{Kind: "table", Rows: p.rows}
	case p.code != nil:
		b = Block{Kind: "code", Code: strings.Join(p.code, "\n")}
	case p.text != nil && p.item:
		b = Block{Kind: "item", Spans: p.spans(strings.Join(p.text, " "))}
	case p.text != nil:
		b = Block{Kind: "text", Spans: p.spans(strings.Join(p.text, " "))}
	default:
		return
	}
	p.chapter.Blocks = append(p.chapter.Blocks, b)
	p.text, p.item, p.rows, p.code = nil, false, nil, nil
}

func (p *parser) heading(line string) {
	text := strings.TrimLeft(line, "#")
	b := Block{Kind: "heading", Level: len(line) - len(text), Spans: p.spans(strings.TrimSpace(text))}
	b.ID = anchor(plain(b.Spans))
	if b.Level == 1 {
		p.chapter.Title = plain(b.Spans)
	}
	p.chapter.Blocks = append(p.chapter.Blocks, b)
}

// anchor is how links name a heading, as those who render Markdown make it.
func anchor(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ' || r == '-':
			return '-'
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_':
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}

func (p *parser) row(line string) {
	const bar = "\x00"
	line = strings.TrimSpace(strings.ReplaceAll(line, `\|`, bar))
	line = strings.TrimSuffix(strings.TrimPrefix(line, "|"), "|")
	var row [][]Span
	for cell := range strings.SplitSeq(line, "|") {
		row = append(row, p.spans(strings.ReplaceAll(strings.TrimSpace(cell), bar, "|")))
	}
	if len(p.rows) != 1 || strings.Trim(line, "-:| ") != "" { // what separates the header
		p.rows = append(p.rows, row)
	}
}

var mark = regexp.MustCompile("`([^`]+)`" + `|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)\s]+)\)`)

// spans is a text in its styles.
func (p *parser) spans(text string) []Span {
	list := []Span{}
	add := func(s Span) {
		if s.Text != "" {
			list = append(list, s)
		}
	}
	at := 0
	for _, m := range mark.FindAllStringSubmatchIndex(text, -1) {
		add(Span{Text: text[at:m[0]]})
		switch at = m[1]; {
		case m[2] >= 0:
			add(Span{Text: text[m[2]:m[3]], Style: "code"})
		case m[4] >= 0:
			add(Span{Text: text[m[4]:m[5]], Style: "strong"})
		default:
			add(p.link(strings.Trim(text[m[6]:m[7]], "`"), text[m[8]:m[9]]))
		}
	}
	add(Span{Text: text[at:]})
	return list
}

// link is a span that leads somewhere: to a chapter, or to the web. What it means on a disk is text only.
func (p *parser) link(text, to string) Span {
	if strings.HasPrefix(to, "https://") || strings.HasPrefix(to, "http://") {
		return Span{text, "link", to}
	}
	file, id, _ := strings.Cut(to, "#")
	name := p.chapter.Name
	if file != "" {
		page, ok := strings.CutSuffix(path.Join(path.Dir(name), file), ".md")
		if !ok {
			return Span{Text: text}
		}
		name = page
	}
	for _, n := range Names() {
		if n == name {
			if id != "" {
				name += "#" + id
			}
			return Span{text, "link", name}
		}
	}
	return Span{Text: text}
}
