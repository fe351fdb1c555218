package config

import (
	"fmt"
	"slices"
	"strings"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
	"tagbridge/mapping/tagmap"
)

// checkTopic reports tags that lack what the topic of their sink needs.
func checkTopic(c *checker, r *readSink) { checkTemplate(c, r, "topic", r.MQTT.Topic) }

// checkTemplate reports tags that lack what t needs, the template of their sink that stands at key.
func checkTemplate(c *checker, r *readSink, key string, t mapping.Template) {
	v := r.s.Value(key)
	if !v.OK || v.Open || t.String() != v.Text {
		return // the default, or what was complained of
	}
	for _, f := range t.Fields() {
		if label, ok := strings.CutPrefix(f, "label."); ok && t.Needs(label) {
			checkTopicLabel(c, r, v, label)
		}
		if f != "unit_id" {
			continue
		}
		for i := range c.devices {
			if dev := &c.devices[i]; !slices.Contains(driverNamed(dev.Driver).keys, "unit_id") && r.takes(dev) {
				v.Problemf("device %s has no unit_id: it is %s one", dev.Name, driverNamed(dev.Driver).article)
				break
			}
		}
	}
}

func checkTopicLabel(c *checker, r *readSink, v source.Value, label string) {
	var first *mapping.Tag
	device, count := "", 0
	lacking := map[*tagmap.List]bool{}
	for i := range c.devices {
		dev := &c.devices[i]
		lacks, known := lacking[dev.list]
		if !known {
			lacks = slices.ContainsFunc(dev.Tags, func(t *mapping.Tag) bool { return !hasLabel(t.Labels, label) })
			lacking[dev.list] = lacks
		}
		if !lacks {
			continue
		}
		for _, t := range dev.Tags {
			if hasLabel(t.Labels, label) || !r.gets(dev, t) {
				continue
			}
			if count++; first == nil {
				first, device = t, dev.Name
			}
		}
	}
	if first == nil {
		return
	}
	more := ""
	if count > 1 {
		more = fmt.Sprintf(" (and %d more)", count-1)
	}
	if v.Filled {
		label = "…" // its name came with a ${…}
	}
	v.Problemf("label %s is missing: %s/%s (%s:%d) has none%s; {label.%s|none} would do", label, device, first.Name, first.Source.File, first.Source.Line, more, label)
}

func hasLabel(labels []mapping.Label, name string) bool {
	return slices.ContainsFunc(labels, func(l mapping.Label) bool { return l.Name == name })
}
