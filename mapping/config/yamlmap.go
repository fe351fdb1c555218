package config

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// readYAML reads a tag map in YAML, a list of rows, and hands each row to take.
func readYAML(d *doc, text string, take func(*row)) { readRows(d, mapRows(d, text), take) }

// mapRows are the rows of a tag map in YAML, as they stand.
func mapRows(d *doc, text string) []*yaml.Node {
	root := d.parseYAML(text)
	switch {
	case root == nil:
		if strings.TrimSpace(text) == "" {
			d.problemf(lineCol(1, 1), "the tag map is empty: it is a list of rows such as - {tag: temp, address: 40001}")
		}
		return nil
	case root.Kind == yaml.MappingNode:
		// A map may hold its list under a key, with x-… beside it for anchors.
		s := d.section(root, "the tag map")
		s.skip(func(key string) bool { return strings.HasPrefix(key, "x-") })
		items := s.list("tags", "tags")
		s.done()
		return items
	case root.Kind != yaml.SequenceNode:
		d.problemf(at(root), "a tag map is a list of rows such as - {tag: temp, address: 40001}, not %s", kindName(root))
		return nil
	}
	return root.Content
}

func readRows(d *doc, items []*yaml.Node, take func(*row)) {
	r := &row{d: d}
	for _, item := range items {
		if r.fill(resolve(item)) {
			take(r)
		}
	}
}

func notRow(d *doc, n *yaml.Node) {
	d.problemf(at(n), "a row of a tag map must be a mapping such as {tag: temp, address: 40001}, not %s", kindName(n))
}

// fill sorts the keys of a row; false when n is none.
func (r *row) fill(n *yaml.Node) bool {
	r.reset(n.Line, cell{a: n.Line, b: n.Column})
	if n.Kind != yaml.MappingNode {
		notRow(r.d, n)
		return false
	}
	for _, e := range r.d.flatten(n) {
		if e.key == "labels" {
			r.yamlLabels(e.value)
			continue
		}
		col, label, fault := columnOf(e.key)
		switch {
		case fault != "":
			r.bad = true
			r.d.problemf(e.at, "key %q: %s", e.key, strings.Replace(fault, "no such column", "no such key of a tag", 1))
		case col < numColumns && r.has(col):
			r.bad = true
			r.d.problemf(e.at, "key %q: again: keys are the same whatever their capitals", e.key)
		case col < numColumns:
			r.cells[col] = r.yamlCell(e.key, col, e.value)
		case col == colLabel:
			r.labels = append(r.labels, labelCell{name: label, cell: r.yamlCell(e.key, col, e.value)})
		}
	}
	return true
}

func (r *row) yamlLabels(n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		r.bad = true
		r.d.problemf(at(n), "labels must be a mapping such as {area: boilerhouse}, not %s", kindName(n))
		return
	}
	for _, e := range r.d.flatten(n) {
		if fault := labelNameFault(e.key); fault != "" {
			r.bad = true
			r.d.problemf(e.at, "label %q: %s", e.key, fault)
			continue
		}
		r.labels = append(r.labels, labelCell{name: e.key, cell: r.yamlCell("label."+e.key, colLabel, e.value)})
	}
}

// yamlCell is a value as the cell that it would be in CSV. enum may be a mapping and invalid a list.
func (r *row) yamlCell(key string, col column, n *yaml.Node) cell {
	c := cell{a: n.Line, b: n.Column}
	var parts []string
	switch {
	case isNull(n):
		return c
	case n.Kind == yaml.ScalarNode:
		c.text = trim(n.Value)
		return c
	case n.Kind == yaml.MappingNode && col == colEnum:
		for _, e := range r.d.flatten(n) {
			parts = append(parts, e.key+"="+e.value.Value)
		}
	case n.Kind == yaml.SequenceNode && col == colInvalid:
		for _, item := range n.Content {
			parts = append(parts, resolve(item).Value)
		}
	default:
		r.bad = true
		if col < numColumns {
			r.spoilt |= 1 << col
		}
		r.d.problemf(at(n), "%s must be a single value, not %s", key, kindName(n))
		return c
	}
	c.text = strings.Join(parts, "|")
	return c
}
