package message

import (
	"strings"
	"testing"
	"unicode/utf8"

	"tagbridge/mapping"
)

// FuzzTemplate makes topics of whatever a configuration and its labels hold: none that a broker would hang up for.
func FuzzTemplate(f *testing.F) {
	f.Add("plant/{bridge}/{device}/{tag}", "hall 1")
	f.Add("{label.area}{unit_id}", "+#\x00/")
	f.Add("{", "")
	f.Add("{label.}", "")
	f.Add("x{tag}{", strings.Repeat("x", 70000))
	f.Add("{label.area}", strings.Repeat("ä", 40000))
	f.Add("{label.area}", "a\u0085b\u009fc\ufffed\ufdd0e\U0001fffef\xff")
	f.Fuzz(func(t *testing.T, text, label string) {
		parsed, err := mapping.ParseTemplate(text)
		if err != nil {
			return
		}
		var all topics
		if err := all.init(parsed, MQTT); err != nil {
			t.Fatal(err)
		}
		g := plant("boiler", 3)
		g.Series[1].Labels = []mapping.Label{{Name: "area", Value: label}}
		of := all.of(g)
		for i := range g.Series {
			name := of.at(uint16(i)).Name
			if len(name) > MQTT.Size {
				t.Errorf("a topic of %d bytes", len(name))
			}
			if strings.ContainsAny(text, "+#") || !utf8.ValidString(text) || strings.ContainsFunc(text, unfitForTopics) {
				continue // refused with the configuration
			}
			if name == "" || strings.ContainsAny(name, "+#") || !utf8.ValidString(name) || strings.ContainsFunc(name, unfitForTopics) {
				t.Errorf("topic %q", name)
			}
		}
	})
}

// unfitForTopics reports what a broker may end the connection for (MQTT 5, 1.5.4): controls and non-characters.
func unfitForTopics(r rune) bool {
	return r < 0x20 || r >= 0x7F && r < 0xA0 || r&0xFFFF >= 0xFFFE || r >= 0xFDD0 && r <= 0xFDEF
}
