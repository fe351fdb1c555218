package source

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Section is one mapping of a configuration, read key by key. Strictness comes from asking: a key that nobody asked
// for when the section is done is unknown, and those that were are what it can be mistaken for.
type Section struct {
	Doc     *Doc
	What    string // what it is in messages
	At      Place
	entries []Entry
	asked   []string
}

// Section reads node as a mapping; of anything else it reports what was expected, and is then as an empty one.
func (d *Doc) Section(n *yaml.Node, what string) *Section {
	s := &Section{Doc: d, What: what, At: At(n)}
	switch {
	case n.Kind == yaml.MappingNode:
		s.entries = d.Flatten(n)
	case !IsNull(n) || what == "device" || what == "sink":
		d.Problemf(s.At, "%s must be a mapping of keys, not %s", what, KindName(n))
	}
	return s
}

// Under has what s lacks be taken from defaults, which may be of another file.
func (s *Section) Under(defaults *Section) {
	for _, e := range defaults.entries {
		if !s.Has(e.Key) {
			e.doc = defaults.Doc
			s.entries = append(s.entries, e)
		}
	}
}

// DocOf is the file that key stands in, which is not s.Doc for defaults from elsewhere.
func (s *Section) DocOf(key string) *Doc {
	for i := range s.entries {
		if e := &s.entries[i]; e.Key == key {
			return s.docOf(e)
		}
	}
	return s.Doc
}

func (s *Section) docOf(e *Entry) *Doc {
	if e.doc != nil {
		return e.doc
	}
	return s.Doc
}

// KindName says what n is, in a message about what it should be.
func KindName(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case IsNull(n):
		return "nothing"
	}
	return "a single value"
}

// Peek is what key holds, nil when it is not there; it does not count as asking for it.
func (s *Section) Peek(key string) *yaml.Node {
	for _, e := range s.entries {
		if e.Key == key {
			return e.Value
		}
	}
	return nil
}

// Fallback has key hold what n does where it holds nothing: messages about it are at that place.
func (s *Section) Fallback(key string, n *yaml.Node, at Place) {
	value := *n
	value.Line, value.Column = at.Line, at.Col
	for i := range s.entries {
		if e := &s.entries[i]; e.Key == key {
			if IsNull(e.Value) {
				e.Value = &value
			}
			return
		}
	}
	s.entries = append(s.entries, Entry{Key: key, Value: &value, At: at})
}

// Node is what key holds, nil when it is not there or empty.
func (s *Section) Node(key string) *yaml.Node {
	s.asked = append(s.asked, key)
	s.tell(key, "", nil)
	for i := range s.entries {
		if e := &s.entries[i]; e.Key == key {
			e.asked = true
			if IsNull(e.Value) {
				return nil
			}
			return e.Value
		}
	}
	return nil
}

// Sub is the section under key, an empty one when it is not there.
func (s *Section) Sub(key string) *Section {
	s.tell(key, "section", nil)
	if n := s.Node(key); n != nil {
		return s.DocOf(key).Section(n, key)
	}
	return &Section{Doc: s.Doc, What: key, At: s.At}
}

// List is the items under key; what names them in the message when there is none.
func (s *Section) List(key, what string) []*yaml.Node {
	s.tell(key, "list", nil)
	n := s.Node(key)
	switch {
	case n == nil:
		return nil
	case n.Kind != yaml.SequenceNode:
		s.DocOf(key).Problemf(At(n), "%s must be a list of %s: begin each with \"- \"", key, what)
		return nil
	}
	items := make([]*yaml.Node, len(n.Content))
	for i, item := range n.Content {
		items[i] = Resolve(item)
	}
	return items
}

// Texts is the list of texts under key; one alone may stand without a list.
func (s *Section) Texts(key string) []Value {
	s.tell(key, "texts", nil)
	n := s.Node(key)
	if n == nil {
		return nil
	}
	if n.Kind == yaml.ScalarNode {
		return []Value{s.DocOf(key).Value(key, n)}
	}
	var values []Value
	for _, item := range s.List(key, "texts") {
		if v := s.DocOf(key).Value(key, item); v.OK {
			values = append(values, v)
		}
	}
	return values
}

// Foreign reports key, when it is there, as belonging elsewhere.
func (s *Section) Foreign(where string, keys ...string) {
	for i := range s.entries {
		e := &s.entries[i]
		if !e.asked && slices.Contains(keys, e.Key) {
			e.asked = true
			s.docOf(e).Problemf(e.At, "key %q belongs to %s", e.Key, where)
		}
	}
}

// Done reports the keys that nobody asked for.
func (s *Section) Done() {
	for _, e := range s.entries {
		hint := DidYouMean(e.Key, s.asked)
		switch {
		case e.asked:
		case hint == "" && IsNull(e.Value):
			// The rest of a password that has a comma in it looks like that.
			s.docOf(&e).Problemf(e.At, "unknown key without a value in %s: a text that holds a comma belongs in quotes", s.What)
		default:
			s.docOf(&e).Problemf(e.At, "unknown key %q in %s%s", e.Key, s.What, hint)
		}
	}
}

// Place is where key stands, or the section when it does not.
func (s *Section) Place(key string) Place {
	for _, e := range s.entries {
		if e.Key == key {
			return At(e.Value)
		}
	}
	return s.At
}

// Has reports that key is there, whatever it holds.
func (s *Section) Has(key string) bool {
	return slices.ContainsFunc(s.entries, func(e Entry) bool { return e.Key == key })
}

// Value is a single value, its references replaced, with its place.
type Value struct {
	Doc    *Doc
	key    string
	At     Place
	Text   string
	Shown  string // as written: what may be shown
	OK     bool   // there, and usable
	Bad    bool   // there, and reported as unusable
	Open   bool   // holds references that were not replaced: its text says nothing yet
	Filled bool   // held references that were replaced: no part of its text may be shown
}

// Value reads the single value of key.
func (s *Section) Value(key string) Value {
	n := s.Node(key)
	if n == nil {
		return Value{Doc: s.Doc, key: key, At: s.Place(key)}
	}
	return s.DocOf(key).Value(key, n)
}

// Value is the single value that n is, with its references replaced; what it is not, is reported.
func (d *Doc) Value(key string, n *yaml.Node) Value {
	n = Resolve(n)
	v := Value{Doc: d, key: key, At: At(n)}
	if n.Kind != yaml.ScalarNode {
		d.Problemf(v.At, "%s must be a single value, not %s", key, KindName(n))
		v.Bad = true
		return v
	}
	v.Text, v.Shown, v.OK = n.Value, n.Value, true
	if !hasReference(n.Value) {
		return v
	}
	if !d.l.o.Expand {
		v.Open = true
		return v
	}
	text, err := d.expand(n.Value)
	if err == nil {
		v.Text, v.Filled = text, true
		return v
	}
	v.OK, v.Bad = false, true
	if err.missing && d.held == "" {
		d.held = fmt.Sprintf("%s: %s", key, err.text)
	}
	d.l.Add(Problem{
		File: d.File, Line: v.At.Line, Column: v.At.Col,
		Message:       fmt.Sprintf("%s: %s", key, err.text),
		Warning:       err.missing && (d.part || !d.l.o.RequireSecrets),
		MissingSecret: err.missing,
	})
	return v
}

// Problemf reports what is wrong with v; the message says it without repeating the text of v.
func (v Value) Problemf(format string, args ...any) {
	v.Doc.Problemf(v.At, "%s%s", v.label(), fmt.Sprintf(format, args...))
}

// Warnf is Problemf for what may be wrong.
func (v Value) Warnf(format string, args ...any) {
	v.Doc.Warnf(v.At, "%s%s", v.label(), fmt.Sprintf(format, args...))
}

func (v Value) label() string {
	if v.Shown == "" {
		return v.key + ": "
	}
	return fmt.Sprintf("%s %q: ", v.key, Shorten(v.Shown))
}

// Shorten keeps a message readable whatever a cell holds.
func Shorten(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	runes := []rune(s[:most])
	return strings.TrimRight(string(runes), "\uFFFD") + "…"
}

// Only reports key, when it is there, as having a meaning elsewhere only.
func (s *Section) Only(key, where string) {
	if s.Has(key) {
		s.DocOf(key).Problemf(s.Place(key), "%s is for %s", key, where)
	}
}

// Skip takes the keys that are wanted for asked for: they are another's, or mean nothing.
func (s *Section) Skip(wanted func(key string) bool) {
	for i := range s.entries {
		if wanted(s.entries[i].Key) {
			s.entries[i].asked = true
		}
	}
}

// Know takes keys for asked for, and unknown ones for what they may be mistaken for.
func (s *Section) Know(keys ...string) {
	s.asked = append(s.asked, keys...)
	s.Skip(func(key string) bool { return slices.Contains(s.asked, key) })
}

// Problemf reports what is wrong at key, or with s as a whole where that is not there.
func (s *Section) Problemf(key, format string, args ...any) {
	s.DocOf(key).Problemf(s.Place(key), format, args...)
}

// Warnf reports what may be wrong at key.
func (s *Section) Warnf(key, format string, args ...any) {
	s.DocOf(key).Warnf(s.Place(key), format, args...)
}
