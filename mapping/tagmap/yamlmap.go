package tagmap

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"tagbridge/mapping/source"
)

// readYAML reads a tag map in YAML, a list of rows, and hands each row to take.
func readYAML(d *source.Doc, text string, take func(*row)) { readRows(d, mapRows(d, text), take) }

// mapRows are the rows of a tag map in YAML, as they stand.
func mapRows(d *source.Doc, text string) []*yaml.Node {
	root := d.ParseYAML(text)
	switch {
	case root == nil:
		if strings.TrimSpace(text) == "" {
			d.Problemf(source.LineCol(1, 1), "the tag map is empty: it is a list of rows such as - {tag: temp, address: 40001}")
		}
		return nil
	case root.Kind == yaml.MappingNode:
		// A map may hold its list under a key, with x-… beside it for anchors.
		s := d.Section(root, "the tag map")
		s.Skip(func(key string) bool { return strings.HasPrefix(key, "x-") })
		items := s.List("tags", "tags")
		s.Done()
		return items
	case root.Kind != yaml.SequenceNode:
		d.Problemf(source.At(root), "a tag map is a list of rows such as - {tag: temp, address: 40001}, not %s", source.KindName(root))
		return nil
	}
	return root.Content
}

func readRows(d *source.Doc, items []*yaml.Node, take func(*row)) {
	r := &row{d: d}
	for _, item := range items {
		if r.fill(source.Resolve(item)) {
			take(r)
		}
	}
}

func notRow(d *source.Doc, n *yaml.Node) {
	d.Problemf(source.At(n), "a row of a tag map must be a mapping such as {tag: temp, address: 40001}, not %s", source.KindName(n))
}

// fill sorts the keys of a row; false when n is none.
func (r *row) fill(n *yaml.Node) bool {
	r.reset(n.Line, source.Cell{A: n.Line, B: n.Column})
	if n.Kind != yaml.MappingNode {
		notRow(r.d, n)
		return false
	}
	for _, e := range r.d.Flatten(n) {
		if e.Key == "labels" {
			r.yamlLabels(e.Value)
			continue
		}
		col, label, fault := columnOf(e.Key)
		switch {
		case fault != "":
			r.bad = true
			r.d.Problemf(e.At, "key %q: %s", e.Key, strings.Replace(fault, "no such column", "no such key of a tag", 1))
		case col < numColumns && r.has(col):
			r.bad = true
			r.d.Problemf(e.At, "key %q: again: keys are the same whatever their capitals", e.Key)
		case col < numColumns:
			r.cells[col] = r.yamlCell(e.Key, col, e.Value)
		case col == colLabel:
			r.labels = append(r.labels, labelCell{name: label, Cell: r.yamlCell(e.Key, col, e.Value)})
		}
	}
	return true
}

func (r *row) yamlLabels(n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		r.bad = true
		r.d.Problemf(source.At(n), "labels must be a mapping such as {area: boilerhouse}, not %s", source.KindName(n))
		return
	}
	for _, e := range r.d.Flatten(n) {
		if fault := LabelNameFault(e.Key); fault != "" {
			r.bad = true
			r.d.Problemf(e.At, "label %q: %s", e.Key, fault)
			continue
		}
		r.labels = append(r.labels, labelCell{name: e.Key, Cell: r.yamlCell("label."+e.Key, colLabel, e.Value)})
	}
}

// yamlCell is a value as the cell that it would be in CSV. One of pairs may be a mapping, one of several values a list.
func (r *row) yamlCell(key string, col column, n *yaml.Node) source.Cell {
	c := source.Cell{A: n.Line, B: n.Column}
	var parts []string
	switch {
	case source.IsNull(n):
		return c
	case n.Kind == yaml.ScalarNode:
		c.Text = source.Trim(n.Value)
		return c
	case n.Kind == yaml.MappingNode && col.form() == formPairs:
		for _, e := range r.d.Flatten(n) {
			parts = append(parts, e.Key+"="+e.Value.Value)
		}
	case n.Kind == yaml.SequenceNode && col.form() == formList:
		for _, item := range n.Content {
			parts = append(parts, source.Resolve(item).Value)
		}
	default:
		r.bad = true
		if col < numColumns {
			r.spoilt |= 1 << col
		}
		r.d.AddCell(source.At(n), false, key, fmt.Sprintf("%s must be a single value, not %s", key, source.KindName(n)))
		return c
	}
	c.Text = strings.Join(parts, "|")
	return c
}
