package config

import (
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
)

// readSink is a sink with what messages about it need.
type readSink struct {
	Sink
	kind     sinkKind
	s        *source.Section
	matches  []source.Value
	patterns mapping.Patterns
	rules    fieldRules
}

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
	r.Events = s.Bool("events", false)
	r.From = s.OneOf("from", "now", "start")
	r.Batch = s.Int("batch", 5000, source.Between[int](1, 1_000_000))
	r.matches = s.Texts("match")
	for _, v := range r.matches {
		if p, err := mapping.ParsePattern(v.Text); v.OK && err == nil { // else match says what is wrong
			r.Match = append(r.Match, p)
		}
	}
	v := s.Value("type")
	r.Type = strings.ToLower(v.Text)
	kind, known := sinkKindNamed(r.Type)
	if !known {
		noType(s, v)
		return r, false
	}
	r.kind, r.Flush = kind, time.Second
	kind.read(s, &kind, &r.Sink, b)
	r.Flush = s.Duration("flush", r.Flush, source.Between[time.Duration](0, time.Hour))
	for _, other := range sinkKinds() {
		s.Foreign("sinks of type "+other.name, other.keys...)
	}
	s.Done()
	return r, enabled
}

// noType says what is wrong with the type of a sink; what its other keys mean is then unknown.
func noType(s *source.Section, v source.Value) {
	switch {
	case v.Bad:
	case !v.OK:
		s.Doc.Problemf(s.At, "%s has no type: %s", s.What, source.OrList(SinkTypes()))
	default:
		v.Problemf("must be %s%s", source.OrList(SinkTypes()), source.DidYouMean(v.Text, SinkTypes()))
	}
	for _, k := range sinkKinds() {
		s.Know(k.keys...)
	}
	s.Know("flush")
	s.Done()
}
