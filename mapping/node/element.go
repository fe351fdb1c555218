package node

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Element is a part of a value: the steps that lead to it, none when it is the whole value. It is immutable.
type Element []Step

// Step leads from a value to a part of it: an element of an array, or a member of a structure.
type Step struct {
	Index  []int  // one number, or one for each dimension; nil for a member and for [*]
	Member string // its name; "" for an element
	Each   bool   // [*]: all elements, whose number only the server knows
}

// Equal reports that both steps lead to the same part.
func (s *Step) Equal(o *Step) bool {
	return s == o || s.Member == o.Member && s.Each == o.Each && slices.Equal(s.Index, o.Index)
}

var errWantElement = errors.New("must be like [3], [1,2], .Speed, [3].Speed or [*]")

// inName are the characters that have & before when they are a part of a member's name.
const inName = ".[]&"

// ParseElement reads [3], [1,2], [*], .Speed, [3].Speed, or "", which is the whole value. Its error says what is wrong,
// what is expected and what to write instead, but does not repeat text. The element refers to text.
func ParseElement(text string) (Element, error) {
	var e Element
	for at := 0; at < len(text); {
		var s Step
		var n int
		var err error
		switch text[at] {
		case '[':
			n, err = s.parseIndex(text[at:])
		case '.':
			n, err = s.parseMember(text[at:])
		default:
			err = errWantElement
		}
		switch {
		case err != nil && at > 0:
			return nil, fmt.Errorf("at character %d: %w", utf8.RuneCountInString(text[:at])+1, err)
		case err != nil:
			return nil, err
		case s.Each && e.Each() >= 0:
			return nil, errors.New("[*] is allowed only once: name the other elements, such as [*][0]")
		}
		e = append(e, s)
		at += n
	}
	return e, nil
}

// parseIndex reads what is in brackets at the beginning of text, n bytes with them.
func (s *Step) parseIndex(text string) (n int, err error) {
	inside, _, ok := strings.Cut(text[1:], "]")
	if !ok {
		return 0, errors.New("a [ without ]")
	}
	n = len(inside) + 2
	if inside == "*" {
		s.Each = true
		return n, nil
	}
	for number := range strings.SplitSeq(inside, ",") {
		v, err := strconv.ParseUint(strings.Trim(number, " "), 10, 31)
		if err != nil {
			return 0, fmt.Errorf("%q is no index: one is a number from 0 to 2147483647, one for each dimension, such as [3] or [1,2]", number)
		}
		s.Index = append(s.Index, int(v))
	}
	return n, nil
}

// parseMember reads the . and the name at the beginning of text, n bytes in all. An & is a part of the name, but for
// one that is before a character that would not be.
func (s *Step) parseMember(text string) (n int, err error) {
	escaped := false
	for n = 1; n < len(text) && text[n] != '.' && text[n] != '['; n++ {
		if text[n] == ']' {
			return 0, errors.New("a ] without [: one in the name of a member is written as &]")
		}
		if text[n] == '&' && n+1 < len(text) && strings.IndexByte(inName, text[n+1]) >= 0 {
			escaped = true
			n++
		}
	}
	name := text[1:n]
	switch {
	case name == "":
		return 0, errors.New("a . without the name of a member after it, such as .Speed")
	case strings.TrimSpace(name) != name:
		return 0, errors.New("a blank at the beginning or end of a member's name: write .Speed")
	case escaped:
		name = unescapeMember(name)
	}
	s.Member = name
	return n, nil
}

func unescapeMember(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		if name[i] == '&' && i+1 < len(name) && strings.IndexByte(inName, name[i+1]) >= 0 {
			i++
		}
		b.WriteByte(name[i])
	}
	return b.String()
}

// String is e as tag maps have it.
func (e Element) String() string {
	if len(e) == 0 {
		return ""
	}
	var b []byte
	for i := range e {
		b = e[i].append(b)
	}
	return string(b)
}

func (s *Step) append(b []byte) []byte {
	switch {
	case s.Each:
		return append(b, "[*]"...)
	case s.Index == nil:
		return appendMember(append(b, '.'), s.Member)
	}
	for i, n := range s.Index {
		b = append(b, "[,"[min(i, 1)])
		b = strconv.AppendInt(b, int64(n), 10)
	}
	return append(b, ']')
}

// appendMember appends a name so that it is read as one.
func appendMember(b []byte, name string) []byte {
	for i := range len(name) {
		inside := i+1 < len(name) && strings.IndexByte(inName, name[i+1]) < 0 // as an & in R&D is
		if strings.IndexByte(inName, name[i]) >= 0 && !(name[i] == '&' && inside) {
			b = append(b, '&')
		}
		b = append(b, name[i])
	}
	return b
}

// Equal reports that both are the same part.
func (e Element) Equal(o Element) bool {
	return slices.EqualFunc(e, o, func(a, b Step) bool { return a.Equal(&b) })
}

// Each is which step the first [*] is; -1 when there is none.
func (e Element) Each() int { return slices.IndexFunc(e, func(s Step) bool { return s.Each }) }

// HasMember reports a part of a structure.
func (e Element) HasMember() bool {
	return slices.ContainsFunc(e, func(s Step) bool { return s.Member != "" })
}

// At is e with element i in the place of its first [*].
func (e Element) At(i int) Element {
	one := slices.Clone(e)
	if k := e.Each(); k >= 0 {
		one[k] = Step{Index: []int{i}}
	}
	return one
}
