package source

import (
	"regexp"
	"sort"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// yamlLine is how the library says where.
var yamlLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?`)

// lineEnds makes one line end of every kind that YAML knows and people have.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// yamlHints say to people who do not read YAML's grammar what the library's messages mostly mean.
var yamlHints = []struct{ message, hint string }{
	{"did not find expected key", "the keys of one mapping begin in the same column, and nothing follows a closing quote"},
	{"did not find expected '-' indicator", "the items of one list begin with - in the same column, and nothing follows a closing quote"},
	{"mapping values are not allowed", "the keys of one mapping begin in the same column, and a text that holds a colon and a blank belongs in quotes"},
	{"could not find expected ':'", "a key needs a colon and a blank after it"},
	{"cannot start any token", "a text that begins with @, % or ` belongs in quotes"},
	{"alphabetic or numeric character", "a text that begins with * or & belongs in quotes"},
	{"',' or ']'", "a list that begins with [ ends with ], and a text in it that begins with ! or { or holds a comma belongs in quotes"},
	{"',' or '}'", "a mapping that begins with { ends with }, and a text in it that begins with ! or ${ or holds a comma belongs in quotes"},
	{"incompatible YAML document", "leave out the line that begins with %YAML"},
	{"unknown directive name", "a line that begins with % means something to YAML"},
	{"block sequence entries are not allowed", `a - that begins a list begins a line of its own; as a text it belongs in quotes: path: "-"`},
	{"unexpected end of stream", "a quote that is not closed"},
	{"unknown escape character", "between double quotes a \\ is written twice, between single quotes once"},
}

// yamlProblem reports a syntax error; a tab that indents is what hides behind the library's most puzzling ones.
func (d *Doc) yamlProblem(err error, text string) {
	text = lineEnds.Replace(text)
	message := err.Error()
	m := yamlLine.FindStringSubmatch(message)
	message = message[len(m[0]):]
	line, _ := strconv.Atoi(m[1])
	line = max(faultLine(line, message, text), 1)
	lines := strings.SplitN(text, "\n", line+2)
	for n := line; n <= min(line+1, len(lines)); n++ {
		indent := lines[n-1][:len(lines[n-1])-len(strings.TrimLeft(lines[n-1], " \t"))]
		if i := strings.IndexByte(indent, '\t'); i >= 0 {
			d.Problemf(LineCol(n, i+1), "a tab indents this line: YAML takes blanks only")
			return
		}
	}
	p, found := findFault(message, text)
	if !found {
		p = LineCol(line, 1)
	}
	if _, anchor := strings.CutPrefix(message, "unknown anchor "); anchor {
		// Its name is not repeated: what looks like an alias may be a password that begins with *.
		d.Problemf(p, "not YAML: an alias without its anchor: a text that begins with * belongs in quotes")
		return
	}
	for _, h := range yamlHints {
		if strings.Contains(message, h.message) {
			message += ": " + h.hint
			break
		}
	}
	d.Problemf(p, "not YAML: %s", message)
}

// faultLine is the line of a syntax error that the library puts at line. Its parser, unlike its scanner, counts from 0,
// and mostly gives the line where the mapping or list begins whose end it did not find.
func faultLine(line int, message, text string) int {
	const most = 1 << 20 // what is parsed again and again
	switch message {
	case "did not find expected ',' or ']'", "did not find expected ',' or '}'":
		return min(line+1, 1+strings.Count(text, "\n"))
	case "did not find expected key", "did not find expected '-' indicator", "did not find expected node content",
		"did not find expected <document start>":
	default:
		return line
	}
	if len(text) > most {
		return line + 1
	}
	// The parser reads on to its first error. So the lines up to the faulty one have it, and those before do not.
	lines := strings.SplitAfter(text, "\n")
	return 1 + sort.Search(len(lines)-1, func(i int) bool {
		var n yaml.Node
		err := yaml.Unmarshal([]byte(strings.Join(lines[:i+1], "")), &n)
		return err != nil && strings.HasSuffix(err.Error(), message)
	})
}

// findFault is the place of errors that the library gives no line.
func findFault(message, text string) (p Place, found bool) {
	at := -1
	if name, ok := strings.CutPrefix(message, "unknown anchor '"); ok {
		at = strings.Index(text, "*"+strings.TrimSuffix(name, "' referenced"))
	} else if strings.Contains(message, "control characters") {
		at = strings.IndexFunc(text, func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\t\n\r", r) })
	}
	if at < 0 {
		return Place{}, false
	}
	before := text[:at]
	start := strings.LastIndexByte(before, '\n') + 1
	return LineCol(1+strings.Count(before, "\n"), 1+utf8.RuneCountInString(before[start:])), true
}
