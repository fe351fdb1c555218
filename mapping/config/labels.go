package config

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"tagbridge/mapping"
)

// readLabels reads the mapping of labels under key, sorted by name. An empty one is none.
func readLabels(s *section, key string) []mapping.Label {
	n := s.node(key)
	if n == nil {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		s.d.problemf(at(n), "%s must be a mapping such as {area: boilerhouse}, not %s", key, kindName(n))
		return nil
	}
	var labels []mapping.Label
	for _, e := range s.d.flatten(n) {
		if reason := labelNameFault(e.key); reason != "" {
			s.d.problemf(e.at, "label %q: %s", e.key, reason)
			continue
		}
		if isNull(e.value) {
			continue
		}
		v := s.d.value("label "+e.key, e.value)
		if !v.ok || v.text == "" {
			continue
		}
		if reason := textFault(v.text); reason != "" && !v.open {
			v.problemf("%s", reason)
			continue
		}
		labels = append(labels, mapping.Label{Name: e.key, Value: v.text})
	}
	slices.SortFunc(labels, compareLabels)
	return labels
}

func compareLabels(a, b mapping.Label) int { return strings.Compare(a.Name, b.Name) }

// labelNameFault says why name cannot be a label's. What the bridge itself writes is taken.
func labelNameFault(name string) string {
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

// textFault says why text cannot be a label, unit or measurement.
func textFault(text string) string {
	if strings.ContainsFunc(text, unicode.IsControl) {
		return "control characters, such as a line end"
	}
	if len(text) > 1000 {
		return "too long"
	}
	return ""
}
