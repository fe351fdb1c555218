package tagmap

import "tagbridge/mapping"

// readNothing is for rows of a derived device without a formula: there is nothing else that they can come from.
func readNothing(_ *tagBuilder, r *row, _ *mapping.Tag) {
	if r.has(colAddress) {
		r.problemf(colAddress, "a derived device has no registers or nodes: write what is computed into the column expr, such as boiler/temp * 2")
		return
	}
	r.rowProblem("no expr: a tag of a derived device is computed, such as by boiler/temp * 2")
}

// Clone is l with tags and formulas of its own, so that Resolve can complete them for one device alone.
func (l *List) Clone() *List {
	own := *l
	own.alarms, own.hasAlarms = nil, false
	own.Tags = make([]*mapping.Tag, len(l.Tags))
	copies := make(map[*mapping.Tag]*mapping.Tag, len(l.Tags))
	for i, t := range l.Tags {
		one := *t
		if t.Computed != nil {
			computed := *t.Computed // of which Reckoned is replaced where it is completed
			one.Computed = &computed
		}
		own.Tags[i], copies[t] = &one, &one
	}
	own.Formulas = nil
	for _, f := range l.Formulas {
		if f.Tag = copies[f.Tag]; f.Tag != nil {
			own.Formulas = append(own.Formulas, f)
		}
	}
	return &own
}
