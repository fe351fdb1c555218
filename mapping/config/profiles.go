package config

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"tagbridge/mapping/profile"
	"tagbridge/mapping/source"
)

// profileDefaults gives a device what the profiles among its tags say of it, where it does not say it itself. Of two
// profiles the first one counts. Names that are of none are reported where the tags are read.
func profileDefaults(s *source.Section, tags *yaml.Node) {
	if tags == nil {
		return
	}
	items := []*yaml.Node{tags}
	if tags.Kind == yaml.SequenceNode {
		items = tags.Content
	}
	for _, item := range items {
		item = source.Resolve(item)
		name, ok := strings.CutPrefix(item.Value, profile.Scheme)
		if item.Kind != yaml.ScalarNode || !ok {
			continue
		}
		p, err := profile.Find(name)
		if err != nil {
			continue
		}
		for i := 0; i+1 < len(p.Device.Content); i += 2 {
			s.Fallback(p.Device.Content[i].Value, p.Device.Content[i+1], source.At(item))
		}
	}
}
