package influxd

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"strconv"
	"unicode/utf8"
)

// ParseLine reads one line of line protocol without its newline:
//
//	measurement[,tag=value...] field=value[,field=value...] timestamp
//
// Stricter than InfluxDB: the timestamp must be there, tags must be sorted and unlike, everything must be UTF-8. unit
// is what the timestamp counts, in nanoseconds.
func ParseLine(line []byte, unit int64) (Point, error) {
	if !utf8.Valid(line) {
		return Point{}, errors.New("not UTF-8")
	}
	s := scanner{b: line}
	var p Point
	var err error
	if p.Measurement, err = s.name("measurement", ", "); err != nil {
		return Point{}, err
	}
	for s.next(',') {
		var t Tag
		if t.Name, err = s.name("tag", ",= "); err != nil {
			return Point{}, err
		}
		if !s.next('=') {
			return Point{}, fmt.Errorf("tag %q: no value", t.Name)
		}
		if t.Value, err = s.name("value of tag "+t.Name, ",= "); err != nil {
			return Point{}, err
		}
		p.Tags = append(p.Tags, t)
	}
	if err := checkTags(p.Tags); err != nil {
		return Point{}, err
	}
	if !s.next(' ') {
		return Point{}, errors.New("no fields")
	}
	if p.Fields, err = s.fields(); err != nil {
		return Point{}, err
	}
	p.Time, err = s.time(unit)
	return p, err
}

func checkTags(tags []Tag) error {
	for i := 1; i < len(tags); i++ {
		switch a, b := tags[i-1].Name, tags[i].Name; {
		case a == b:
			return fmt.Errorf("tag %q: twice", a)
		case a > b:
			return fmt.Errorf("tag %q: not sorted behind %q", b, a)
		}
	}
	return nil
}

// scanner walks over one line.
type scanner struct {
	b  []byte
	at int
}

// next skips c if it comes next.
func (s *scanner) next(c byte) bool {
	if s.at < len(s.b) && s.b[s.at] == c {
		s.at++
		return true
	}
	return false
}

// name reads up to an unescaped byte of stop. A backslash escapes the bytes of stop, and is itself before any other.
func (s *scanner) name(what, stop string) (string, error) {
	var out []byte
	for ; s.at < len(s.b); s.at++ {
		c := s.b[s.at]
		if c == '\\' && s.at+1 < len(s.b) && has(stop, s.b[s.at+1]) {
			s.at++
			out = append(out, s.b[s.at])
			continue
		}
		if has(stop, c) {
			break
		}
		if c == '\n' {
			return "", fmt.Errorf("%s: newline", what)
		}
		out = append(out, c)
	}
	if len(out) == 0 {
		return "", fmt.Errorf("%s: empty", what)
	}
	if out[len(out)-1] == '\\' {
		return "", fmt.Errorf("%s: ends in a backslash", what)
	}
	return string(out), nil
}

func has(set string, c byte) bool {
	for i := range len(set) {
		if set[i] == c {
			return true
		}
	}
	return false
}

func (s *scanner) fields() ([]Field, error) {
	var out []Field
	seen := make(map[string]bool)
	for {
		name, err := s.name("field", ",= ")
		if err != nil {
			return nil, err
		}
		if !s.next('=') {
			return nil, fmt.Errorf("field %q: no value", name)
		}
		value, err := s.value()
		if err != nil {
			return nil, fmt.Errorf("field %q: %w", name, err)
		}
		if seen[name] {
			return nil, fmt.Errorf("field %q: twice", name)
		}
		seen[name] = true
		out = append(out, Field{name, value})
		if !s.next(',') {
			return out, nil
		}
	}
}

// value reads a field's value.
func (s *scanner) value() (any, error) {
	if s.next('"') {
		return s.text()
	}
	start := s.at
	for s.at < len(s.b) && s.b[s.at] != ',' && s.b[s.at] != ' ' {
		s.at++
	}
	word := string(s.b[start:s.at])
	switch word {
	case "":
		return nil, errors.New("no value")
	case "t", "T", "true", "True", "TRUE":
		return true, nil
	case "f", "F", "false", "False", "FALSE":
		return false, nil
	}
	return number(word)
}

func number(word string) (any, error) {
	body := word[:len(word)-1]
	switch word[len(word)-1] {
	case 'i':
		v, err := strconv.ParseInt(body, 10, 64)
		if err != nil || body[0] == '+' {
			return nil, fmt.Errorf("invalid integer %q", word)
		}
		return v, nil
	case 'u':
		v, err := strconv.ParseUint(body, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("invalid unsigned integer %q", word)
		}
		return v, nil
	}
	for i := range len(word) {
		if !has("0123456789+-.eE", word[i]) {
			return nil, fmt.Errorf("invalid number %q", word)
		}
	}
	v, err := strconv.ParseFloat(word, 64)
	if err != nil || math.IsInf(v, 0) {
		return nil, fmt.Errorf("invalid number %q", word)
	}
	return v, nil
}

// text reads a string up to its closing quote: backslashes escape quotes and themselves.
func (s *scanner) text() (string, error) {
	var out []byte
	for ; s.at < len(s.b); s.at++ {
		c := s.b[s.at]
		if c == '"' {
			s.at++
			return string(out), nil
		}
		if c == '\\' && s.at+1 < len(s.b) && has(`"\`, s.b[s.at+1]) {
			s.at++
			c = s.b[s.at]
		}
		out = append(out, c)
	}
	return "", errors.New("unbalanced quotes")
}

// time reads the timestamp, the last of the line.
func (s *scanner) time(unit int64) (int64, error) {
	if !s.next(' ') {
		return 0, errors.New("no timestamp")
	}
	word := string(s.b[s.at:])
	v, err := strconv.ParseInt(word, 10, 64)
	if err != nil || word[0] == '+' {
		return 0, fmt.Errorf("bad timestamp %q", word)
	}
	if v > math.MaxInt64/unit || v < math.MinInt64/unit {
		return 0, fmt.Errorf("timestamp %s: outside the range", word)
	}
	return v * unit, nil
}

// Lines are the lines of text, without what ends them. A string may hold line ends.
func Lines(text []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for len(text) > 0 {
			var line []byte
			if line, text = nextLine(text); !yield(line) {
				return
			}
		}
	}
}

// nextLine splits the first line off b: up to a newline outside of strings.
func nextLine(b []byte) (line, rest []byte) {
	quoted, fields, equals := false, false, false
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case c == '\\' && i+1 < len(b) && b[i+1] != '\n':
			i++
		case c == '"' && (quoted || equals):
			quoted = !quoted
		case c == ' ': // behind the tags, a quote after = begins a string
			fields = true
		case c == '\n' && !quoted:
			return b[:i], b[i+1:]
		}
		equals = fields && c == '='
	}
	return b, nil
}
