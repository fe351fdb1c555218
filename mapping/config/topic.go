package config

import (
	"errors"
	"slices"
	"strings"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
	"tagbridge/mapping/tagmap"
)

// readTopic reads the topic of messages of that format.
func readTopic(s *source.Section, format string) mapping.Template {
	def := "plant/{bridge}/{device}/{tag}"
	if format == "batch" {
		def = "plant/{bridge}/{device}"
	}
	t, v := readTemplate(s, "topic", def, parseTopic)
	if !v.OK || v.Open {
		return t
	}
	fields := t.Fields()
	if format == "batch" && slices.Contains(fields, "tag") {
		v.Problemf("{tag} in the topic of format batch: one message holds many tags")
	}
	if format == "value" && (!slices.Contains(fields, "tag") || !slices.Contains(fields, "device")) {
		v.Warnf("format value without {device} and {tag} in the topic: nobody can tell whose value it is")
	}
	return t
}

// readStateTopic reads the topic of the bridge's state; "": none is published.
func readStateTopic(s *source.Section, b *Bridge) string {
	if v := s.Value("state_topic"); v.OK && v.Text == "" {
		return ""
	}
	t, v := readTemplate(s, "state_topic", "plant/{bridge}/_state"+nodePart(b, "/"), parseTopic)
	for _, f := range t.Fields() {
		if f != "bridge" {
			v.Problemf("{%s} has no meaning here: the state is the whole bridge's", source.Shorten(f))
		}
	}
	none := &mapping.Series{SeriesTraits: &mapping.SeriesTraits{}}
	return string(t.Append(nil, &mapping.Group{Bridge: b.Name}, none, func(dst []byte, text string) []byte {
		return append(dst, text...)
	}))
}

// parse reads a template, or says what is wrong with it.
type parse func(text string) (t mapping.Template, reason string)

// readTemplate reads a template by read. Without a value, or with one that is none, it is that of def; of a value that
// is not known yet it is none.
func readTemplate(s *source.Section, key, def string, read parse) (mapping.Template, source.Value) {
	v := s.Value(key)
	if v.Open {
		return mapping.Template{}, v
	}
	if v.OK {
		t, reason := read(v.Text)
		if reason == "" {
			return t, v
		}
		if v.Filled {
			reason = "no " + strings.TrimPrefix(key, "state_") + " once its ${…} is replaced" // the reason repeats what stands in braces
		}
		v.Problemf("%s", reason)
		v.OK = false // it is not to be complained of twice
	}
	t, _ := mapping.ParseTemplate(def)
	return t, v
}

// hubTopic is how the topic of a device of an Azure IoT Hub ends, the / included.
const hubTopic = "/messages/events/"

// parseTopic reads a topic template of MQTT, or says what is wrong with it.
func parseTopic(topic string) (t mapping.Template, reason string) {
	switch {
	case topic == "":
	case strings.ContainsAny(topic, "+#"):
		return t, "+ and # are for subscribing: no message can be published to them"
	case tagmap.TextFault(topic) != "":
		return t, tagmap.TextFault(topic)
	case strings.HasPrefix(topic, "/") || strings.HasSuffix(topic, "/") && !strings.HasSuffix(topic, hubTopic) ||
		strings.Contains(topic, "//"):
		return t, "an empty level: drop the / that has nothing before or after it"
	}
	return parseTemplate(topic)
}

// parseTemplate reads a template, whatever is between its fields, or says what is wrong with it.
func parseTemplate(text string) (t mapping.Template, reason string) {
	t, err := mapping.ParseTemplate(text)
	if err != nil {
		return t, templateFault(err)
	}
	for _, f := range t.Fields() {
		if label, ok := strings.CutPrefix(f, "label."); ok {
			if reason := tagmap.LabelNameFault(label); reason != "" {
				return t, reason
			}
		}
	}
	return t, ""
}

// templateFault is what is wrong with a template.
func templateFault(err error) string {
	var unknown *mapping.UnknownField
	switch {
	case !errors.As(err, &unknown):
		return err.Error()
	case unknown.Field == "label.":
		return tagmap.LabelNameFault("")
	}
	hint := source.DidYouMean(unknown.Field, mapping.TemplateFields)
	unknown.Field = source.Shorten(unknown.Field)
	return unknown.Error() + hint
}
