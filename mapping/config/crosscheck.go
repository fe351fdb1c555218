package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
	"tagbridge/mapping/tagmap"
)

// checker checks what shows only when sinks and tags are seen together.
type checker struct {
	d       *source.Doc
	sinks   []readSink
	devices []readDevice
}

func (c *checker) check() {
	c.outputs()
	for i := range c.sinks {
		r := &c.sinks[i]
		if !c.match(r) {
			continue
		}
		switch r.Type {
		case "influxdb":
			c.precision(r)
		case "mqtt":
			c.topic(r)
		}
	}
	c.fields()
}

// outputs reports sinks that write to one place.
func (c *checker) outputs() {
	type output struct{ where, name string }
	seen := map[output]*readSink{}
	for i := range c.sinks {
		r := &c.sinks[i]
		var o output
		key := ""
		switch {
		case r.Type == "file" && r.FileOut.Path != "":
			o, key = output{"file", r.FileOut.Path}, "path"
		case r.Type == "mqtt" && r.URL != "":
			o, key = output{string(r.URL), r.MQTT.ClientID}, "client_id"
		default:
			continue
		}
		first, ok := seen[o]
		if !ok {
			seen[o] = r
			continue
		}
		switch {
		case key == "client_id":
			r.s.Problemf(key, "client_id: sink %s in line %d has the same at this broker, which would disconnect one of both",
				first.Name, first.Source.Line)
		case o.name == "-":
			r.s.Warnf(key, "path %q: sink %s in line %d writes to standard output too", o.name, first.Name, first.Source.Line)
		default:
			r.s.Problemf(key, "path: sink %s in line %d writes to the same file", first.Name, first.Source.Line)
		}
	}
}

// ownTags are what the bridge itself adds to every device.
var ownTags = []string{"_online", "_latency_ms"}

// match warns of patterns that match nothing; false when they cannot be used.
func (c *checker) match(r *readSink) bool {
	usable := true
	for _, v := range r.matches {
		if !v.OK || v.Open {
			usable = false
			continue
		}
		p, err := mapping.ParsePattern(v.Text)
		if err != nil {
			v.Problemf("%s", source.Reason(err, v.Text))
			usable = false
			continue
		}
		if !c.matchesAny(p, v.Text) {
			v.Warnf("matches no tag%s", c.patternHint(v, p))
		}
	}
	if usable {
		r.patterns, _ = mapping.ParsePatterns(r.Match)
	}
	return usable
}

var indexForm = regexp.MustCompile(`\[\d+\]`)

// matchesAny reports that p, which is written as text, matches a tag. Of an array's elements, whose number only the
// server knows, those that text names are taken to be there.
func (c *checker) matchesAny(p mapping.Pattern, text string) bool {
	elements := append(indexForm.FindAllString(text, tagmap.MaxParts), "[0]")
	for i := range c.devices {
		dev := &c.devices[i]
		matches := func(tag string) bool { return p.Matches(dev.Name, tag) }
		if slices.ContainsFunc(ownTags, matches) ||
			slices.ContainsFunc(dev.Tags, func(t *mapping.Tag) bool {
				if !t.EachElement() {
					return matches(t.Name)
				}
				return slices.ContainsFunc(elements, func(e string) bool { return matches(t.Name + e) })
			}) {
			return true
		}
	}
	return false
}

func (c *checker) patternHint(v source.Value, p mapping.Pattern) string {
	for i := range c.devices {
		dev := &c.devices[i]
		if slices.ContainsFunc(dev.Tags, func(t *mapping.Tag) bool { return p.MatchesFolded(dev.Name, t.Name) }) {
			return ": capitals matter, and blanks"
		}
	}
	if !strings.ContainsAny(v.Text, "/*") {
		return fmt.Sprintf(": a pattern is of device/tag, such as %s/*", source.Shorten(strings.TrimPrefix(v.Shown, "!")))
	}
	return ""
}

var precisions = map[string]time.Duration{
	"ns": time.Nanosecond, "us": time.Microsecond, "ms": time.Millisecond, "s": time.Second,
}

// precision warns of periods so short that their times, cut to the sink's precision, say little or even coincide.
func (c *checker) precision(r *readSink) {
	unit := precisions[r.Influx.Precision]
	for i := range c.devices {
		dev := &c.devices[i]
		if dev.list.Fastest > 10*unit || len(dev.Tags) == 0 {
			continue
		}
		for _, t := range dev.Tags {
			if t.Poll <= 10*unit && r.patterns.Match(dev.Name, t.Name) {
				r.s.Warnf("precision", "precision %q: device %s is read every %s, which it makes coarse; choose a finer one",
					r.Influx.Precision, dev.Name, source.ShowDuration(t.Poll))
				return
			}
		}
	}
}

// topic reports tags that lack what the topic of their sink needs.
func (c *checker) topic(r *readSink) {
	v := r.s.Value("topic")
	if !v.OK || v.Open || r.MQTT.Topic.String() != v.Text {
		return // the default, or what was complained of
	}
	for _, f := range r.MQTT.Topic.Fields() {
		if label, ok := strings.CutPrefix(f, "label."); ok {
			c.topicLabel(r, v, label)
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

func (r *readSink) takes(dev *readDevice) bool {
	return slices.ContainsFunc(dev.Tags, func(t *mapping.Tag) bool { return r.patterns.Match(dev.Name, t.Name) })
}

func (c *checker) topicLabel(r *readSink, v source.Value, label string) {
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
			if hasLabel(t.Labels, label) || !r.patterns.Match(dev.Name, t.Name) {
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
	v.Problemf("label %s is missing: %s/%s (%s:%d) has none%s", label, device, first.Name, first.Source.File, first.Source.Line, more)
}

func hasLabel(labels []mapping.Label, name string) bool {
	return slices.ContainsFunc(labels, func(l mapping.Label) bool { return l.Name == name })
}
