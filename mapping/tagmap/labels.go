package tagmap

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
)

// ReadLabels reads the mapping of labels under key, sorted by name. An empty one is none.
func ReadLabels(s *source.Section, key string) []mapping.Label {
	n, d := s.Node(key), s.DocOf(key)
	if n == nil {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		d.Problemf(source.At(n), "%s must be a mapping such as {area: boilerhouse}, not %s", key, source.KindName(n))
		return nil
	}
	var labels []mapping.Label
	for _, e := range d.Flatten(n) {
		if reason := LabelNameFault(e.Key); reason != "" {
			d.Problemf(e.At, "label %q: %s", e.Key, reason)
			continue
		}
		if source.IsNull(e.Value) {
			continue
		}
		v := d.Value("label "+e.Key, e.Value)
		if !v.OK || v.Text == "" {
			continue
		}
		if reason := TextFault(v.Text); reason != "" && !v.Open {
			v.Problemf("%s", reason)
			continue
		}
		labels = append(labels, mapping.Label{Name: e.Key, Value: v.Text})
	}
	slices.SortFunc(labels, compareLabels)
	return labels
}

func compareLabels(a, b mapping.Label) int { return strings.Compare(a.Name, b.Name) }

// LabelNameFault says why name cannot be a label's. What the bridge itself writes is taken.
func LabelNameFault(name string) string {
	switch name {
	case "":
		return "a label needs a name"
	case "bridge", "device", "tag", "time":
		return "taken by the bridge itself: choose another name"
	}
	if name[0] == '_' {
		return "a label must not begin with _"
	}
	for _, r := range name {
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return fmt.Sprintf("a label has letters, digits and _ only, not %q", r)
		}
	}
	return ""
}

// TextFault says why text cannot be a label, unit or measurement.
func TextFault(text string) string {
	if strings.ContainsFunc(text, unicode.IsControl) {
		return "control characters, such as a line end"
	}
	if len(text) > 1000 {
		return "too long"
	}
	return ""
}
