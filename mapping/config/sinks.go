package config

import (
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
)

// readSink is a sink with what messages about it need.
type readSink struct {
	Sink
	s        *source.Section
	matches  []source.Value
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
func (d *reader) sinks(root *source.Section, b *Bridge) []readSink {
	nodes := root.List("sinks", "sinks")
	if len(nodes) == 0 && root.Node("sinks") == nil {
		d.missingPart(root, "sinks", "no sinks: values are read and go nowhere")
	}
	var sinks []readSink
	names := newNames("sink")
	for _, n := range nodes {
		d.Begin()
		r, enabled := d.sink(n, b)
		r.Held = d.End()
		if !enabled {
			continue
		}
		names.add(d.Doc, r.s.Place("name"), r.Name)
		sinks = append(sinks, r)
	}
	return sinks
}

func (d *reader) sink(n *yaml.Node, b *Bridge) (r readSink, enabled bool) {
	s := d.Section(n, "sink")
	r.s = s
	if n.Kind != yaml.MappingNode {
		return r, false
	}
	r.Name = s.Name("name")
	if r.Name != "" {
		s.What = "sink " + r.Name
	}
	r.Source = mapping.Source{File: d.File, Line: s.At.Line}
	enabled = s.Bool("enabled", true)
	r.From = s.OneOf("from", "now", "start")
	r.Batch = s.Int("batch", 5000, source.Between[int](1, 1_000_000))
	r.matches = s.Texts("match")
	for _, v := range r.matches {
		if v.OK {
			r.Match = append(r.Match, v.Text)
		}
	}
	flush := time.Second
	v := s.Value("type")
	switch r.Type = strings.ToLower(v.Text); r.Type {
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
	r.Flush = s.Duration("flush", flush, source.Between[time.Duration](0, time.Hour))
	for _, other := range sinkTypes {
		s.Foreign("sinks of type "+other, sinkKeys[other]...)
	}
	s.Done()
	return r, enabled
}

// noType says what is wrong with the type of a sink; what its other keys mean is then unknown.
func noType(s *source.Section, v source.Value) {
	switch {
	case v.Bad:
	case !v.OK:
		s.Doc.Problemf(s.At, "%s has no type: influxdb, mqtt or file", s.What)
	default:
		v.Problemf("must be influxdb, mqtt or file%s", source.DidYouMean(v.Text, sinkTypes))
	}
	for _, keys := range sinkKeys {
		s.Know(keys...)
	}
	s.Know("flush")
	s.Done()
}

// sinkURL reads the URL of a sink with one of schemes (those that encrypt come second in each pair of plain and
// encrypted). User and password in it are returned apart, and the URL without them.
func sinkURL(s *source.Section, schemes ...string) (address, user string, password source.Secret, encrypted bool) {
	v := readURL(s)
	if !v.OK || v.Open {
		return v.Text, "", "", true
	}
	scheme, _, found := strings.Cut(v.Text, "://")
	at := slices.Index(schemes, strings.ToLower(scheme))
	if !found || at < 0 {
		hint := ""
		if found {
			hint = source.DidYouMean(urlScheme(scheme, schemes), schemes)
		}
		v.Problemf("must begin with %s%s", source.OrList(withSlashes(schemes)), hint)
		return "", "", "", true
	}
	u, err := parseURL(v.Text)
	if err != nil {
		v.Problemf("%v", err)
		return "", "", "", true
	}
	if _, err := hostPort(u, 1); err != nil {
		v.Problemf("%v", err)
	}
	if u.RawQuery != "" || u.Fragment != "" {
		v.Problemf("no parameters (?…) belong into it: they have keys of their own")
	}
	if u.User != nil {
		user = u.User.Username()
		text, _ := u.User.Password()
		password = source.Secret(text)
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
func login(s *source.Section, user string, password source.Secret) (string, source.Secret) {
	name, pass := s.Text("username", ""), s.Secret("password")
	if user != "" && (name != "" || pass != "") {
		s.Problemf("username", "username and password stand in the url already: keep one of both")
		return name, pass
	}
	if user != "" {
		return user, password
	}
	if pass != "" && name == "" && !s.Has("username") {
		s.Problemf("password", "password without a username")
	}
	return name, pass
}
