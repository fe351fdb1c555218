package tagmap

import (
	"fmt"
	"strings"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
)

// wherePlaced says where a tag is and what it is: its address or node, and its type.
func wherePlaced(t *mapping.Tag) string {
	if t.Node != nil {
		return strings.TrimSpace(t.Node.String() + " " + t.Element.String() + " " + TypeText(t))
	}
	return t.Address.String() + " " + TypeText(t)
}

// TypeText is the type of t as a tag map has it.
func TypeText(t *mapping.Tag) string {
	if t.Type == mapping.TypeString {
		return fmt.Sprintf("string:%d", t.Length)
	}
	return t.Type.String()
}

// tagChanges says in what two tags of one name differ.
func tagChanges(a, b *mapping.Tag) []string {
	var list []string
	differ := func(what, from, to string) {
		if from != to {
			list = append(list, what+" "+FromTo(from, to))
		}
	}
	differ("moved", placeText(a), placeText(b))
	differ("type", TypeText(a), TypeText(b))
	differ("order", a.Order.String(), b.Order.String())
	differ("rescaled", scalingText(&a.Scaling), scalingText(&b.Scaling))
	differ("clamp", clampNames[a.Clamp], clampNames[b.Clamp])
	differ("poll", source.ShowDuration(a.Poll), source.ShowDuration(b.Poll))
	differ("min", boundText(a.Min), boundText(b.Min))
	differ("max", boundText(a.Max), boundText(b.Max))
	differ("unit", a.Unit, b.Unit)
	differ("report", reportNames[a.Report], reportNames[b.Report])
	differ("deadband", deadbandText(a.Deadband), deadbandText(b.Deadband))
	differ("heartbeat", source.ShowDuration(a.Heartbeat), source.ShowDuration(b.Heartbeat))
	differ("description", a.Description, b.Description)
	differ("enum", enumText(a), enumText(b))
	differ("invalid", invalidText(a.Invalid), invalidText(b.Invalid))
	differ("labels", LabelsText(a.Labels), LabelsText(b.Labels))
	return list
}

// placeText is address or node with its element.
func placeText(t *mapping.Tag) string {
	if t.Node != nil {
		return strings.TrimSpace(t.Node.String() + " " + t.Element.String())
	}
	return t.Address.String()
}

var reportNames = [...]string{"all", "change"}

func scalingText(s *mapping.Scaling) string {
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

func deadbandText(d mapping.Deadband) string {
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

func invalidText(list []mapping.Invalid) string {
	var parts []string
	for _, v := range list {
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
