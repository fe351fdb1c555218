package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

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
	c.outlets()
	for i := range c.sinks {
		r := &c.sinks[i]
		if !c.match(r) {
			continue
		}
		if r.kind.check != nil {
			r.kind.check(c, r)
		}
	}
	c.fields()
}

// outlets reports sinks that write to one place.
func (c *checker) outlets() {
	type place struct{ kind, place string }
	seen := map[place]*readSink{}
	for i := range c.sinks {
		r := &c.sinks[i]
		if r.kind.outlet == nil {
			continue
		}
		o := r.kind.outlet(&r.Sink)
		at := place{r.Type, o.place}
		first, again := seen[at]
		switch {
		case o.place == "":
		case !again:
			seen[at] = r
		case o.allowed:
			r.s.Warnf(o.key, "%s: sink %s in line %d %s", o.shown, first.Name, first.Source.Line, o.clash)
		default:
			r.s.Problemf(o.key, "%s: sink %s in line %d %s", o.shown, first.Name, first.Source.Line, o.clash)
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
		sent := func(t *mapping.Tag) bool { return !t.Withheld() }
		switch {
		case c.matchesAny(p, v.Text, sent):
		case !c.matchesAny(p, v.Text, (*mapping.Tag).Withheld):
			v.Warnf("matches no tag%s", c.patternHint(v, p))
		case !p.Exclude():
			v.Warnf("matches no tag that is sent: those that it matches have report none")
		}
	}
	if usable {
		r.patterns = r.Match
	}
	return usable
}

var indexForm = regexp.MustCompile(`\[\d+\]`)

// matchesAny reports that p, which is written as text, matches one of the bridge's own tags, or one among those. Of an
// array's elements, whose number only the server knows, those that text names are taken to be there.
func (c *checker) matchesAny(p mapping.Pattern, text string, among func(*mapping.Tag) bool) bool {
	elements := append(indexForm.FindAllString(text, tagmap.MaxParts), "[0]")
	for i := range c.devices {
		dev := &c.devices[i]
		matches := func(tag string) bool { return p.Matches(dev.Name, tag) }
		if slices.ContainsFunc(ownTags, matches) ||
			slices.ContainsFunc(dev.Tags, func(t *mapping.Tag) bool {
				if !among(t) {
					return false
				}
				if !t.EachElement() {
					return matches(t.Name)
				}
				return slices.ContainsFunc(elements, func(e string) bool { return matches(t.Name + e) })
			}) ||
			slices.ContainsFunc(dev.Alarms, func(t *mapping.Tag) bool { return among(t) && matches(t.Name) }) {
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

// gets reports that samples of t, a tag of dev, are sent to r.
func (r *readSink) gets(dev *readDevice, t *mapping.Tag) bool {
	return !t.Withheld() && r.patterns.Match(dev.Name, t.Name)
}

// takes reports that samples of some tag of dev are.
func (r *readSink) takes(dev *readDevice) bool {
	return slices.ContainsFunc(dev.Tags, func(t *mapping.Tag) bool { return r.gets(dev, t) }) ||
		slices.ContainsFunc(dev.Alarms, func(t *mapping.Tag) bool { return r.getsAlarm(dev, t) })
}

// getsAlarm is gets of one of the alarms of dev.
func (r *readSink) getsAlarm(dev *readDevice, t *mapping.Tag) bool {
	return r.patterns.MatchAlarm(dev.Name, strings.TrimSuffix(t.Name, mapping.AlarmSuffix))
}
