package config

import (
	"path/filepath"
	"regexp"

	"go.yaml.in/yaml/v3"

	"tagbridge/mapping/source"
	"tagbridge/mapping/tagmap"
)

// decimalComma is a number as a table separated by semicolons may have it, with a unit or without.
var decimalComma = regexp.MustCompile(`^-?\d+,\d+ ?[a-zµ%]*$`)

// tableDefaults are what x-device says of the tables of devices.
type tableDefaults struct {
	list []tableDefault
}

type tableDefault struct {
	file source.Value // that it holds for; without one it holds for all
	s    *source.Section
	used bool
}

// tableDefaults reads x-device: {file: drives.csv, defaults: {…}}, or a list of such.
func (d *reader) tableDefaults(root *source.Section) *tableDefaults {
	t := &tableDefaults{}
	n := root.Node("x-device")
	if n == nil {
		return t
	}
	items := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		items = n.Content
	}
	for _, item := range items {
		s := d.Section(source.Resolve(item), "x-device")
		if !s.Has("defaults") {
			continue // an anchor of somebody's who calls it so
		}
		def := tableDefault{file: s.Value("file")}
		if sub := s.Node("defaults"); sub != nil {
			def.s = d.Section(sub, "defaults")
		}
		s.Done()
		t.list = append(t.list, def)
	}
	return t
}

// of are the defaults of the table that the configuration calls name, nil when there are none.
func (t *tableDefaults) of(name string) *source.Section {
	file, _ := tagmap.SplitSheet(name)
	for i := range t.list {
		def := &t.list[i]
		if !def.file.OK || filepath.Clean(def.file.Text) == filepath.Clean(name) || filepath.Clean(def.file.Text) == filepath.Clean(file) {
			def.used = true
			return def.s
		}
	}
	return nil
}

// done warns of defaults of a table that nobody names.
func (t *tableDefaults) done() {
	for _, def := range t.list {
		if !def.used && def.file.OK {
			def.file.Warnf("no entry of devices names this table: its defaults hold for nothing")
		}
	}
}

// withLabels gives the row the labels of the defaults that it lacks, where it has some of its own.
func withLabels(row *yaml.Node, defaults *source.Section) {
	own, given := valueOf(row, "labels"), defaults.Node("labels")
	if own == nil || given == nil || own.Kind != yaml.MappingNode || given.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(given.Content); i += 2 {
		k, v := given.Content[i], source.Resolve(given.Content[i+1])
		if k.Kind == yaml.ScalarNode && v.Kind == yaml.ScalarNode && k.ShortTag() != "!!merge" && valueOf(own, k.Value) == nil {
			at := source.At(row)
			own.Content = append(own.Content, scalar(k.Value, at), scalar(v.Value, at))
		}
	}
}

// asWritten is row as it would stand in the configuration.
func (t *deviceTable) asWritten(row *yaml.Node) *yaml.Node {
	out := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for i := 0; i+1 < len(row.Content); i += 2 {
		out.Content = append(out.Content, plainNode(row.Content[i]), plainNode(row.Content[i+1]))
	}
	if tags := valueOf(out, "tags"); tags != nil {
		for _, n := range tags.Content {
			n.Value = t.fromConfig(n.Value)
		}
	}
	if t.defaults != nil {
		for _, e := range t.defaults.Entries() {
			if valueOf(out, e.Key) == nil {
				out.Content = append(out.Content, plainNode(&yaml.Node{Kind: yaml.ScalarNode, Value: e.Key}), plainNode(e.Value))
			}
		}
	}
	return out
}

// fromConfig is a path of the table as one of the configuration.
func (t *deviceTable) fromConfig(path string) string {
	full := t.doc.Path(path)
	if rel, err := filepath.Rel(t.d.Path("."), full); err == nil && !filepath.IsAbs(path) {
		return filepath.ToSlash(rel)
	}
	return filepath.ToSlash(full)
}

// maxDepth is how deep a default may be nested.
const maxDepth = 20

// plainNode is n without places and aliases.
func plainNode(n *yaml.Node) *yaml.Node { return plainAt(n, 0) }

func plainAt(n *yaml.Node, depth int) *yaml.Node {
	n = source.Resolve(n)
	out := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Value: n.Value, Style: n.Style &^ yaml.TaggedStyle}
	if n.Kind == yaml.ScalarNode && n.Tag == "!!str" {
		out.SetString(n.Value)
	}
	for _, c := range n.Content {
		if depth < maxDepth {
			out.Content = append(out.Content, plainAt(c, depth+1))
		}
	}
	return out
}
