package config

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
)

// Sparkplug is the options of format sparkplug: which edge node the sink is.
type Sparkplug struct {
	Group, Node string
	PrimaryHost string          // that is waited for; "": none
	Servers     []source.Secret // other brokers, in turn, as URL of the sink
	Aliases     bool
	DataTypes   string // births, always
}

// sparkplugFormat is the format of which they are.
const sparkplugFormat = "sparkplug"

// withoutSparkplug complains of what format sparkplug has no use for.
func withoutSparkplug(s *source.Section) {
	keys := []string{"topic", "state_topic", "qos", "retain", "sas_key"}
	for _, key := range keys {
		if s.Has(key) {
			s.Problemf(key, "format sparkplug has topics and settings of its own: leave %s out", key)
		}
	}
	s.Know(keys...)
}

// readSparkplug reads them. With another format there is nothing to read.
func readSparkplug(s *source.Section, k *sinkKind, b *Bridge, format string) (p Sparkplug) {
	sub := s.Sub("sparkplug")
	switch {
	case format == sparkplugFormat && !sub.Has("group"):
		s.Doc.Problemf(sub.At, "%s has no group: format sparkplug needs it, such as sparkplug: {group: Plant1}", s.What)
	case format != sparkplugFormat && s.Has("sparkplug"):
		s.Problemf("sparkplug", "sparkplug is for format: sparkplug only")
	}
	p.Group = sparkplugID(sub, "group", "")
	p.Node = sparkplugID(sub, "node", b.Name+nodePart(b, "-"))
	p.PrimaryHost = sparkplugID(sub, "primary_host", "")
	for _, v := range sub.Texts("servers") {
		p.Servers = append(p.Servers, sparkplugServer(v, k))
	}
	if len(p.Servers) > 0 && p.PrimaryHost == "" && !sub.Has("primary_host") {
		sub.Warnf("servers", "without primary_host the node changes brokers only when it cannot connect")
	}
	p.Aliases = sub.Bool("aliases", true)
	p.DataTypes = sub.OneOf("datatypes", "births", "always")
	sub.Done()
	if format != sparkplugFormat {
		return Sparkplug{}
	}
	return p
}

// sparkplugID reads a name that is one level of topics (Sparkplug 3.0.0, 4.1).
func sparkplugID(s *source.Section, key, def string) string {
	text, v := s.Text(key, def), s.Value(key)
	if v.Bad || v.Open {
		return text
	}
	if !v.OK {
		return text // bridge.name, which has no such characters either
	}
	switch {
	case text == "" && key == "primary_host":
	case text == "":
		v.Problemf("must not be empty")
	case strings.ContainsAny(text, "+/#"):
		v.Problemf("+ / and # mean something in topics: no name of Sparkplug has one")
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
		v.Problemf("control characters are in no topic")
	case key == "group" && text == "STATE":
		v.Problemf("STATE is where hosts say whether they are online: no group is called so")
	case strings.ContainsFunc(text, strange) && v.OK:
		v.Warnf("Ignition takes letters, digits and . $ %% @ ! - _ ^ * only")
	}
	return text
}

// strange reports what Ignition refuses in names.
func strange(r rune) bool {
	return r >= utf8.RuneSelf || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(".$%@!-_^*", r)
}

// sparkplugServer reads the URL of another broker.
func sparkplugServer(v source.Value, k *sinkKind) source.Secret {
	if !v.OK || v.Open {
		return source.Secret(v.Text)
	}
	v.Shown = redactURL(v.Shown)
	scheme, _, found := strings.Cut(v.Text, "://")
	at := -1
	for i, known := range k.schemes {
		if found && strings.EqualFold(known, scheme) {
			at = i
		}
	}
	if at < 0 {
		v.Problemf("must begin with %s", source.OrList(withSlashes(k.schemes)))
		return ""
	}
	u, err := parseURL(v.Text)
	if err == nil {
		_, err = hostPort(u, 1)
	}
	switch {
	case err != nil:
		v.Problemf("%v", err)
		return ""
	case u.User != nil:
		v.Problemf("username and password of all brokers are keys of their own")
	case u.RawQuery != "" || u.Fragment != "":
		v.Problemf("no parameters (?…) belong into it: they have keys of their own")
	}
	if u.Port() == "" {
		u.Host += ":" + k.ports[at]
	}
	return source.Secret(u.String())
}

// checkSparkplug reports what shows only with the tags: nodes of one name, tags that hosts take for one, and births that are
// larger than brokers take.
func checkSparkplug(c *checker, r *readSink) {
	for i := range c.sinks {
		o := &c.sinks[i]
		if o.Name == r.Name {
			break
		}
		if p, q := &o.MQTT.Sparkplug, &r.MQTT.Sparkplug; o.MQTT.Format == sparkplugFormat && p.Group != "" && p.Group == q.Group && p.Node == q.Node {
			r.s.Problemf("sparkplug", "sink %s in line %d is node %s of group %s too: a host would take one for the other", o.Name, o.Source.Line, p.Node, p.Group)
		}
	}
	checkSparkplugCase(c, r)
	limit, whose := birthLimit(&r.Sink)
	for i := range c.devices {
		dev := &c.devices[i]
		size, tags := 0, 0
		for _, t := range dev.Tags {
			if r.gets(dev, t) {
				size, tags = size+birthSize(t), tags+1
			}
		}
		if size > limit {
			r.s.Warnf("sparkplug", "the birth of device %s has about %d bytes, of %d of its tags, and %s takes %d: the device would not be published; "+
				"split it, or match fewer tags", dev.Name, size, tags, whose, limit)
		}
	}
}

// checkSparkplugCase warns of tags of a device that differ in capitals only.
func checkSparkplugCase(c *checker, r *readSink) {
	for i := range c.devices {
		dev := &c.devices[i]
		seen := make(map[string]*mapping.Tag, len(dev.Tags))
		for _, t := range dev.Tags {
			if !r.gets(dev, t) {
				continue
			}
			key := strings.ToLower(t.Name)
			if first := seen[key]; first != nil && first.Name != t.Name {
				r.s.Warnf("sparkplug", "tags %s and %s of device %s differ in capitals only (%s:%d): some hosts take them for one",
					first.Name, t.Name, dev.Name, t.Source.File, t.Source.Line)
				return
			}
			seen[key] = t
		}
	}
}

// birthLimit is how large a birth may be, as far as that is known beforehand, and by whose word.
func birthLimit(sink *Sink) (limit int, whose string) {
	switch {
	case sink.MQTT.MaxPacket > 0:
		return sink.MQTT.MaxPacket, "max_packet"
	case strings.Contains(string(sink.URL), ".amazonaws.com"):
		return 128 << 10, "AWS IoT Core"
	}
	return 1 << 20, "many a broker by default"
}

// birthSize is about the bytes of t in the birth of its device (Sparkplug 3.0.0, 6.4): name, alias, time, type, value, unit,
// range and description.
func birthSize(t *mapping.Tag) int {
	const (
		fixed    = 2 + 2 + 4 + 7 + 2 + 9 // lengths, alias, time, type, value
		property = 2 + 2 + 4             // lengths and type of one
	)
	size := fixed + len(t.Name)
	for _, text := range []struct{ key, value string }{{"engUnit", t.Unit}, {"documentation", t.Description}} {
		if text.value != "" {
			size += property + len(text.key) + len(text.value)
		}
	}
	for _, b := range []mapping.Bound{t.Min, t.Max} {
		if b.Set {
			size += property + len("engHigh") + 8
		}
	}
	if t.Type.IsText() {
		size += t.Length
	}
	return size
}
