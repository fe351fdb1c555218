package config

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// section is one mapping of a configuration, read key by key. Strictness comes from asking: a key that nobody asked
// for when the section is done is unknown, and those that were are what it can be mistaken for.
type section struct {
	d       *doc
	what    string // what it is in messages
	at      place
	entries []entry
	asked   []string
}

// section reads node as a mapping; of anything else it reports what was expected, and is then as an empty one.
func (d *doc) section(n *yaml.Node, what string) *section {
	s := &section{d: d, what: what, at: at(n)}
	switch {
	case n.Kind == yaml.MappingNode:
		s.entries = d.flatten(n)
	case !isNull(n) || what == "device" || what == "sink":
		d.problemf(s.at, "%s must be a mapping of keys, not %s", what, kindName(n))
	}
	return s
}

func kindName(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case isNull(n):
		return "nothing"
	}
	return "a single value"
}

// node is what key holds, nil when it is not there or empty.
func (s *section) node(key string) *yaml.Node {
	s.asked = append(s.asked, key)
	for i := range s.entries {
		if e := &s.entries[i]; e.key == key {
			e.asked = true
			if isNull(e.value) {
				return nil
			}
			return e.value
		}
	}
	return nil
}

// sub is the section under key, an empty one when it is not there.
func (s *section) sub(key string) *section {
	if n := s.node(key); n != nil {
		return s.d.section(n, key)
	}
	return &section{d: s.d, what: key, at: s.at}
}

// list is the items under key; what names them in the message when there is none.
func (s *section) list(key, what string) []*yaml.Node {
	n := s.node(key)
	switch {
	case n == nil:
		return nil
	case n.Kind != yaml.SequenceNode:
		s.d.problemf(at(n), "%s must be a list of %s: begin each with \"- \"", key, what)
		return nil
	}
	items := make([]*yaml.Node, len(n.Content))
	for i, item := range n.Content {
		items[i] = resolve(item)
	}
	return items
}

// texts is the list of texts under key; one alone may stand without a list.
func (s *section) texts(key string) []value {
	n := s.node(key)
	if n == nil {
		return nil
	}
	if n.Kind == yaml.ScalarNode {
		return []value{s.d.value(key, n)}
	}
	var values []value
	for _, item := range s.list(key, "texts") {
		if v := s.d.value(key, item); v.ok {
			values = append(values, v)
		}
	}
	return values
}

// foreign reports key, when it is there, as belonging elsewhere.
func (s *section) foreign(where string, keys ...string) {
	for i := range s.entries {
		e := &s.entries[i]
		if !e.asked && slices.Contains(keys, e.key) {
			e.asked = true
			s.d.problemf(e.at, "key %q belongs to %s", e.key, where)
		}
	}
}

// done reports the keys that nobody asked for.
func (s *section) done() {
	for _, e := range s.entries {
		hint := DidYouMean(e.key, s.asked)
		switch {
		case e.asked:
		case hint == "" && isNull(e.value):
			// The rest of a password that has a comma in it looks like that.
			s.d.problemf(e.at, "unknown key without a value in %s: a text that holds a comma belongs in quotes", s.what)
		default:
			s.d.problemf(e.at, "unknown key %q in %s%s", e.key, s.what, hint)
		}
	}
}

// place is where key stands, or the section when it does not.
func (s *section) place(key string) place {
	for _, e := range s.entries {
		if e.key == key {
			return at(e.value)
		}
	}
	return s.at
}

// has reports that key is there, whatever it holds.
func (s *section) has(key string) bool {
	return slices.ContainsFunc(s.entries, func(e entry) bool { return e.key == key })
}

// value is a single value, its references replaced, with its place.
type value struct {
	d      *doc
	key    string
	at     place
	text   string
	shown  string // as written: what may be shown
	ok     bool   // there, and usable
	bad    bool   // there, and reported as unusable
	open   bool   // holds references that were not replaced: its text says nothing yet
	filled bool   // held references that were replaced: no part of its text may be shown
}

// value reads the single value of key.
func (s *section) value(key string) value {
	n := s.node(key)
	if n == nil {
		return value{d: s.d, key: key, at: s.place(key)}
	}
	return s.d.value(key, n)
}

func (d *doc) value(key string, n *yaml.Node) value {
	n = resolve(n)
	v := value{d: d, key: key, at: at(n)}
	if n.Kind != yaml.ScalarNode {
		d.problemf(v.at, "%s must be a single value, not %s", key, kindName(n))
		v.bad = true
		return v
	}
	v.text, v.shown, v.ok = n.Value, n.Value, true
	if !hasReference(n.Value) {
		return v
	}
	if !d.l.o.Expand {
		v.open = true
		return v
	}
	text, err := d.expand(n.Value)
	if err == nil {
		v.text, v.filled = text, true
		return v
	}
	v.ok, v.bad = false, true
	if err.missing && d.held == "" {
		d.held = fmt.Sprintf("%s: %s", key, err.text)
	}
	d.l.add(Problem{
		File: d.file, Line: v.at.line, Column: v.at.col,
		Message:       fmt.Sprintf("%s: %s", key, err.text),
		Warning:       err.missing && (d.part || !d.l.o.RequireSecrets),
		MissingSecret: err.missing,
	})
	return v
}

// problemf reports what is wrong with v; the message says it without repeating the text of v.
func (v value) problemf(format string, args ...any) {
	v.d.problemf(v.at, "%s%s", v.label(), fmt.Sprintf(format, args...))
}

func (v value) warnf(format string, args ...any) {
	v.d.warnf(v.at, "%s%s", v.label(), fmt.Sprintf(format, args...))
}

func (v value) label() string {
	if v.shown == "" {
		return v.key + ": "
	}
	return fmt.Sprintf("%s %q: ", v.key, shorten(v.shown))
}

// shorten keeps a message readable whatever a cell holds.
func shorten(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	runes := []rune(s[:most])
	return strings.TrimRight(string(runes), "\uFFFD") + "…"
}

// only reports key, when it is there, as having a meaning elsewhere only.
func (s *section) only(key, where string) {
	if s.has(key) {
		s.d.problemf(s.place(key), "%s is for %s", key, where)
	}
}

// skip takes the keys that are wanted for asked for: they are another's, or mean nothing.
func (s *section) skip(wanted func(key string) bool) {
	for i := range s.entries {
		if wanted(s.entries[i].key) {
			s.entries[i].asked = true
		}
	}
}

// know takes keys for asked for, and unknown ones for what they may be mistaken for.
func (s *section) know(keys ...string) {
	s.asked = append(s.asked, keys...)
	s.skip(func(key string) bool { return slices.Contains(s.asked, key) })
}

// problemf reports what is wrong at key, or with s as a whole where that is not there.
func (s *section) problemf(key, format string, args ...any) {
	s.d.problemf(s.place(key), format, args...)
}

func (s *section) warnf(key, format string, args ...any) { s.d.warnf(s.place(key), format, args...) }
