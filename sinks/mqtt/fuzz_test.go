package mqtt

import (
	"strings"
	"testing"

	"tagbridge/mapping"
)

// FuzzTemplate makes topics of whatever a configuration and its labels hold: none that a broker would hang up for.
func FuzzTemplate(f *testing.F) {
	f.Add("plant/{bridge}/{device}/{tag}", "hall 1")
	f.Add("{label.area}{unit_id}", "+#\x00/")
	f.Add("{", "")
	f.Add("{label.}", "")
	f.Add("x{tag}{", strings.Repeat("x", 70000))
	f.Fuzz(func(t *testing.T, text, label string) {
		tpl, err := parseTemplate(text)
		if err != nil {
			return
		}
		g := plant("boiler", 3)
		g.Series[1].Labels = []mapping.Label{{Name: "area", Value: label}}
		topics := tpl.of(g)
		for i := range g.Series {
			name := topics.at(uint16(i)).name
			if len(name) > maxTopic {
				t.Errorf("a topic of %d bytes", len(name))
			}
			if strings.ContainsAny(text, "+#\x00") {
				continue // refused with the configuration
			}
			if name == "" || strings.ContainsAny(name, "+#\x00") {
				t.Errorf("topic %q", name)
			}
		}
	})
}
