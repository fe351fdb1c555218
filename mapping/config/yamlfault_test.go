package config

import (
	"fmt"
	"strings"
	"testing"

	"tagbridge/mapping/source"
)

// A syntax error is reported at the line that has it, with what to do, wherever the library puts it.
func TestYAMLFaults(t *testing.T) {
	const before = `bridge:
  name: b
devices:
  - name: d
    url: tcp://h
    labels: {area: x,
      line: y}
    tags: [
      {tag: t, address: 40001},
    ]
sinks:
  - name: s
    type: file
`
	const after = "\n    path: x\n  - {name: t, type: file, path: y}\n"
	for text, want := range map[string]string{
		`    path: "x" y`:    "14: problem: not YAML: did not find expected key: the keys of one mapping begin in the same column",
		`   path: x`:         "14: problem: not YAML: did not find expected",
		`     path: x`:       "14: problem: not YAML: mapping values are not allowed in this context: the keys of one mapping",
		`    path: a: b`:     "14: problem: not YAML: mapping values are not allowed in this context: ",
		`    path:x`:         "14: problem: not YAML: could not find expected ':': a key needs a colon and a blank",
		`    path: @x`:       "14: problem: not YAML: found character that cannot start any token: a text that begins with @",
		`    match: *`:       "14: problem: not YAML: did not find expected alphabetic or numeric character: a text that begins with *",
		`    match: [*/a]`:   "14: problem: not YAML: did not find expected alphabetic or numeric character: a text that begins with *",
		`    match: [a, !b]`: "14: problem: not YAML: did not find expected ',' or ']': ",
		`    match: !d/a`:    "14:12: problem: a text that begins with ! belongs in quotes",
		`    match: &d`:      "14:12: problem: a text that begins with & belongs in quotes",
		`    match: *d`:      "14:12: problem: not YAML: an alias without its anchor: a text that begins with * belongs in quotes",
		`    path: "C:\plc"`: "14: problem: not YAML: found unknown escape character: ",
		`    path: "x`:       "14: problem: not YAML: found unexpected end of stream: a quote that is not closed",
		`    - path: x`:      "14: problem: not YAML: ",
		"\tpath: x":          "14:1: problem: a tab indents this line",
		`    path: ${env:X:`: "14: problem: not YAML: mapping values are not allowed in this context",
	} {
		for _, end := range []string{"\n", "\r\n", "\r"} {
			_, ps := loadText(strings.ReplaceAll(before+text+after, "\n", end))
			if !hasProblem(ps, want) {
				t.Errorf("%s, lines that end with %q: %v, want %s", text, end, ps, want)
			}
		}
	}
}

// hasProblem reports a message at a place, "line:column: …" or, where the column is not known, "line: …".
func hasProblem(ps source.Problems, want string) bool {
	for _, p := range ps {
		_, message, _ := strings.Cut(p.String(), ": ")
		for _, at := range []string{fmt.Sprintf("%d:%d: ", p.Line, p.Column), fmt.Sprintf("%d: ", p.Line)} {
			if strings.HasPrefix(at+message, want) {
				return true
			}
		}
	}
	return false
}

func TestYAMLFaultInTheFirstLine(t *testing.T) {
	for _, text := range []string{"bridge: {name: x", "bridge: [", "a: b: c", "- a\nb: c\n", "%YAML 1.2\n---\na: b\n", "%x\n", "\"a\" b: c", "bridge: \"x\" y"} {
		_, ps := loadText(text)
		if len(ps) == 0 || ps[0].Line != 1 && !strings.Contains(text, "\n") {
			t.Errorf("%q: %v", text, ps)
		}
	}
}
