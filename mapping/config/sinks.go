package config

import (
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"tagbridge/mapping"
)

// readSink is a sink with what messages about it need.
type readSink struct {
	Sink
	s        *section
	matches  []value
	patterns mapping.Patterns
}

// sinkKeys are the keys that only sinks of some types have.
var sinkKeys = map[string][]string{
	"influxdb": {"url", "tls", "org", "bucket", "token", "username", "password", "layout", "gzip", "precision", "unsigned"},
	"mqtt": {"url", "tls", "username", "password", "version", "client_id", "topic", "state_topic", "format", "qos",
		"retain", "in_flight", "max_packet", "sas_key", "alpn"},
	"file": {"path", "format", "max_size"},
}

var sinkTypes = []string{"influxdb", "mqtt", "file"}

// sinks reads the list of them. The disabled are checked like all others, and left out.
func (d *reader) sinks(root *section, b *Bridge) []readSink {
	nodes := root.list("sinks", "sinks")
	if len(nodes) == 0 && root.node("sinks") == nil {
		d.missingPart(root, "sinks", "no sinks: values are read and go nowhere")
	}
	var sinks []readSink
	names := newNames("sink")
	for _, n := range nodes {
		d.begin()
		r, enabled := d.sink(n, b)
		r.Held = d.end()
		if !enabled {
			continue
		}
		names.add(d.doc, r.s.place("name"), r.Name)
		sinks = append(sinks, r)
	}
	return sinks
}

func (d *reader) sink(n *yaml.Node, b *Bridge) (r readSink, enabled bool) {
	s := d.section(n, "sink")
	r.s = s
	if n.Kind != yaml.MappingNode {
		return r, false
	}
	r.Name = s.name("name")
	if r.Name != "" {
		s.what = "sink " + r.Name
	}
	r.Source = mapping.Source{File: d.file, Line: s.at.line}
	enabled = s.bool("enabled", true)
	r.From = s.oneOf("from", "now", "start")
	r.Batch = s.int("batch", 5000, between[int](1, 1_000_000))
	r.matches = s.texts("match")
	for _, v := range r.matches {
		if v.ok {
			r.Match = append(r.Match, v.text)
		}
	}
	flush := time.Second
	v := s.value("type")
	switch r.Type = strings.ToLower(v.text); r.Type {
	case "influxdb":
		readInflux(s, &r.Sink)
	case "mqtt":
		flush = 20 * time.Millisecond
		readMQTT(s, &r.Sink, b)
		if r.MQTT.Format == "batch" || r.MQTT.Format == "line" {
			flush = 200 * time.Millisecond // a round that takes so long is still one message
		}
	case "file":
		flush = 100 * time.Millisecond
		readFileSink(s, &r.Sink)
	default:
		noType(s, v)
		return r, false
	}
	r.Flush = s.duration("flush", flush, between[time.Duration](0, time.Hour))
	for _, other := range sinkTypes {
		s.foreign("sinks of type "+other, sinkKeys[other]...)
	}
	s.done()
	return r, enabled
}

// noType says what is wrong with the type of a sink; what its other keys mean is then unknown.
func noType(s *section, v value) {
	switch {
	case v.bad:
	case !v.ok:
		s.d.problemf(s.at, "%s has no type: influxdb, mqtt or file", s.what)
	default:
		v.problemf("must be influxdb, mqtt or file%s", DidYouMean(v.text, sinkTypes))
	}
	for _, keys := range sinkKeys {
		s.know(keys...)
	}
	s.know("flush")
	s.done()
}

// sinkURL reads the URL of a sink with one of schemes (those that encrypt come second in each pair of plain and
// encrypted). User and password in it are returned apart, and the URL without them.
func sinkURL(s *section, schemes ...string) (address, user string, password Secret, encrypted bool) {
	v := readURL(s)
	if !v.ok || v.open {
		return v.text, "", "", true
	}
	scheme, _, found := strings.Cut(v.text, "://")
	at := slices.Index(schemes, strings.ToLower(scheme))
	if !found || at < 0 {
		hint := ""
		if found {
			hint = DidYouMean(urlScheme(scheme, schemes), schemes)
		}
		v.problemf("must begin with %s%s", orList(withSlashes(schemes)), hint)
		return "", "", "", true
	}
	u, err := parseURL(v.text)
	if err != nil {
		v.problemf("%v", err)
		return "", "", "", true
	}
	if _, err := hostPort(u, 1); err != nil {
		v.problemf("%v", err)
	}
	if u.RawQuery != "" || u.Fragment != "" {
		v.problemf("no parameters (?…) belong into it: they have keys of their own")
	}
	if u.User != nil {
		user = u.User.Username()
		text, _ := u.User.Password()
		password = Secret(text)
		u.User = nil
	}
	return u.String(), user, password, at%2 == 1
}

// urlScheme is what people write for one of schemes.
func urlScheme(scheme string, schemes []string) string {
	switch scheme = strings.ToLower(scheme); {
	case !slices.Contains(schemes, "mqtt"):
		return scheme
	case scheme == "tcp" || scheme == "http":
		return "mqtt"
	case scheme == "ssl" || scheme == "tls" || scheme == "https":
		return "mqtts"
	}
	return scheme
}

func withSlashes(schemes []string) []string {
	list := make([]string, len(schemes))
	for i, s := range schemes {
		list[i] = s + "://"
	}
	return list
}

// login reads username and password, given with their keys or in the URL.
func login(s *section, user string, password Secret) (string, Secret) {
	name, pass := s.text("username", ""), s.secret("password")
	if user != "" && (name != "" || pass != "") {
		s.problemf("username", "username and password stand in the url already: keep one of both")
		return name, pass
	}
	if user != "" {
		return user, password
	}
	if pass != "" && name == "" && !s.has("username") {
		s.problemf("password", "password without a username")
	}
	return name, pass
}
