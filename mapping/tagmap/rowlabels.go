package tagmap

import (
	"slices"

	"tagbridge/mapping"
)

func readRowLabels(b *tagBuilder, r *row, t *mapping.Tag) { t.Labels = rowLabels(b, r) }

// rowLabels are those of the device with the row's in place of equal ones; an empty one of the row's is none.
func rowLabels(b *tagBuilder, r *row) []mapping.Label {
	if len(r.labels) == 0 {
		return b.def.Labels
	}
	key := b.keep.scratch[:0]
	for _, l := range r.labels {
		key = append(append(append(append(key, l.name...), 0), l.Text...), 0)
	}
	b.keep.scratch = key
	if list, ok := b.keep.labels[string(key)]; ok {
		return list
	}
	list := slices.Clone(b.def.Labels)
	faultless := true
	for i, l := range r.labels {
		fault := TextFault(l.Text)
		if slices.ContainsFunc(r.labels[:i], func(o labelCell) bool { return o.name == l.name }) {
			fault = "given twice"
		}
		if fault != "" {
			r.cellProblem("label."+l.name, l.Cell, fault)
			faultless = false
			continue
		}
		list = slices.DeleteFunc(list, func(o mapping.Label) bool { return o.Name == l.name })
		if l.Text != "" {
			list = append(list, mapping.Label{Name: b.keep.text(l.name), Value: b.keep.text(l.Text)})
		}
	}
	slices.SortFunc(list, compareLabels)
	if faultless {
		b.keep.labels[string(key)] = list
	}
	return list
}
