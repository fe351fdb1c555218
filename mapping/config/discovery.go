package config

import (
	"slices"
	"strings"

	"tagbridge/mapping/source"
	"tagbridge/mapping/tagmap"
)

// HomeAssistant is the discovery by which it is told of tags.
const HomeAssistant = "homeassistant"

// readDiscovery reads who is told of tags; format and topic are read before it.
func readDiscovery(s *source.Section, m *MQTT) {
	m.Discovery = s.OneOf("discovery", "none", HomeAssistant)
	m.HomePrefix = s.Text("discovery_prefix", "homeassistant")
	on := m.Discovery == HomeAssistant
	if v := s.Value("discovery_prefix"); v.OK && !v.Open {
		if reason := prefixFault(m.HomePrefix); reason != "" {
			v.Problemf("%s", reason)
		} else if !on {
			v.Problemf("without discovery: homeassistant nobody is told anything there: leave it out")
		}
	}
	if !on {
		return
	}
	if m.Format != "json" && m.Format != "value" {
		s.Problemf("discovery", "Home Assistant wants a message for each value: set format: json or value, or leave discovery out")
		return
	}
	fields := m.Topic.Fields()
	if v := s.Value("topic"); v.OK && !v.Open && (!slices.Contains(fields, "device") || !slices.Contains(fields, "tag")) {
		s.Problemf("discovery", "Home Assistant wants a topic for each tag: put {device} and {tag} into topic, or leave discovery out")
	}
}

// prefixFault is why no topics can begin so; "": they can.
func prefixFault(prefix string) string {
	_, reason := parseTopic(prefix)
	switch {
	case reason != "":
		return reason
	case strings.ContainsAny(prefix, "{}"):
		return "must be the same for all tags: no {…} belongs into it"
	case len(prefix) > 200:
		return "must not be longer than 200 bytes"
	}
	return tagmap.TextFault(prefix)
}
