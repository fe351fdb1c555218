package mapping

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Template is a text with fields in braces, such as a topic: {bridge}, {device}, {tag}, {unit_id} and {label.NAME}, or
// {label.NAME|TEXT} with a text for series that do not have the label. It is
// parsed once, with the configuration, and immutable. The zero value is no template: Append adds nothing.
type Template struct {
	text  string
	parts []templatePart
}

// templatePart is a text as it is, and the field after it.
type templatePart struct {
	text  string
	field templateField
	label string // the name after label.
	other string // for series without the label; "": there is no such text
}

type templateField uint8

const (
	fieldNone templateField = iota // the text is the last
	fieldBridge
	fieldDevice
	fieldTag
	fieldUnitID
	fieldLabel
)

// TemplateFields are the fields of templates, but for labels.
var TemplateFields = []string{"bridge", "device", "tag", "unit_id"} // in the order of the constants

// UnknownField is the error for a field that templates do not have.
type UnknownField struct{ Field string }

func (u *UnknownField) Error() string {
	return fmt.Sprintf("{%s} is none of {bridge}, {device}, {tag}, {unit_id} and {label.NAME}", u.Field)
}

// The faults of braces, and of a text without anything.
var (
	errTemplateEmpty  = errors.New("must not be empty")
	errTemplateBraces = errors.New("braces that do not pair")
	// errTemplateDefault is the fault of a default that would leave nothing.
	errTemplateDefault = errors.New("nothing after |: write what a tag without the label has there, such as {label.area|none}")
)

// ParseTemplate reads a template. What else its text may hold is for the protocol to say that it is used with.
func ParseTemplate(text string) (Template, error) {
	if text == "" {
		return Template{}, errTemplateEmpty
	}
	t := Template{text: text}
	for rest := text; rest != ""; {
		open := strings.IndexAny(rest, "{}")
		if open < 0 {
			t.parts = append(t.parts, templatePart{text: rest})
			break
		}
		size := strings.IndexAny(rest[open+1:], "{}")
		if rest[open] == '}' || size < 0 || rest[open+1+size] == '{' {
			return Template{}, errTemplateBraces
		}
		name := rest[open+1 : open+1+size]
		field := templateField(slices.Index(TemplateFields, name) + 1)
		label, isLabel := strings.CutPrefix(name, "label.")
		label, other, isOther := strings.Cut(label, "|")
		switch {
		case isLabel && isOther && other == "":
			return Template{}, errTemplateDefault
		case isLabel && label != "":
			field = fieldLabel
		case field == fieldNone:
			return Template{}, &UnknownField{name}
		}
		t.parts = append(t.parts, templatePart{rest[:open], field, label, other})
		rest = rest[open+size+2:]
	}
	return t, nil
}

// String is t as written.
func (t Template) String() string { return t.text }

// MarshalText implements encoding.TextMarshaler.
func (t Template) MarshalText() ([]byte, error) { return []byte(t.text), nil }

// Fields are the names in braces, in their order.
func (t Template) Fields() []string {
	var names []string
	for _, p := range t.parts {
		switch p.field {
		case fieldNone:
		case fieldLabel:
			names = append(names, "label."+p.label)
		default:
			names = append(names, TemplateFields[p.field-fieldBridge])
		}
	}
	return names
}

// Needs reports that every series must have the label: a field of t has it, without a text for those that do not.
func (t Template) Needs(label string) bool {
	return slices.ContainsFunc(t.parts, func(p templatePart) bool {
		return p.field == fieldLabel && p.label == label && p.other == ""
	})
}

// Append appends t with the fields of a series of g. What a field holds is appended by value, which may leave out what does
// not belong there; it is called with "" for a label that the series does not have
// and that has no other text.
func (t Template) Append(dst []byte, g *Group, s *Series, value func(dst []byte, text string) []byte) []byte {
	for i := range t.parts {
		p := &t.parts[i]
		dst = append(dst, p.text...)
		switch p.field {
		case fieldNone:
		case fieldBridge:
			dst = value(dst, g.Bridge)
		case fieldDevice:
			dst = value(dst, g.Device)
		case fieldTag:
			dst = value(dst, s.Tag)
		case fieldUnitID:
			dst = strconv.AppendInt(dst, int64(g.UnitID), 10)
		case fieldLabel:
			dst = value(dst, cmp.Or(s.label(p.label), p.other))
		}
	}
	return dst
}

// label is the value of the label of that name, or "".
func (s *Series) label(name string) string {
	for _, l := range s.Labels {
		if l.Name == name {
			return l.Value
		}
	}
	return ""
}
