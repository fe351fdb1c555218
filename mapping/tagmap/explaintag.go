package tagmap

import (
	"fmt"
	"strings"

	"tagbridge/mapping"
)

// wherePlaced says where a tag is and what it is: its place and its type.
func wherePlaced(t *mapping.Tag) string {
	return strings.TrimSpace(t.Where() + " " + TypeText(t))
}

// TypeText is the type of t as a tag map has it.
func TypeText(t *mapping.Tag) string { return t.TypeText() }

var reportNames = [...]string{"all", "change", "none"}

func scalingText(t *mapping.Tag) string {
	s := &t.Scaling
	switch s.Kind {
	case mapping.Linear:
		return "x" + s.Scale.String() + " + " + s.Offset.String()
	case mapping.FromRange:
		return s.RawMin.String() + ".." + s.RawMax.String() + " to " + s.EngMin.String() + ".." + s.EngMax.String()
	}
	return "unscaled"
}

func boundText(b mapping.Bound) string {
	if !b.Set {
		return ""
	}
	return b.Decimal.String()
}

func deadbandText(t *mapping.Tag) string {
	d := t.Deadband
	text := fmt.Sprint(d.Value)
	if d.Percent {
		text += "%"
	}
	return text
}

func enumText(t *mapping.Tag) string {
	if t.EnumAuto {
		return enumAuto
	}
	var parts []string
	for _, e := range t.Enum {
		parts = append(parts, fmt.Sprintf("%d=%s", e.Value, e.Text))
	}
	return strings.Join(parts, "|")
}

func invalidText(t *mapping.Tag) string {
	var parts []string
	for _, v := range t.Invalid {
		parts = append(parts, v.Text)
	}
	return strings.Join(parts, "|")
}

// LabelsText lists labels with their values.
func LabelsText(labels []mapping.Label) string {
	parts := make([]string, len(labels))
	for i, l := range labels {
		parts[i] = l.Name + "=" + l.Value
	}
	return strings.Join(parts, ", ")
}

// FromTo shows a change; what is empty was, or is, none.
func FromTo(a, b string) string {
	quote := func(s string) string {
		if s == "" {
			return "none"
		}
		return s
	}
	return quote(a) + " -> " + quote(b)
}
