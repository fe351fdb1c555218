package reckon

import "tagbridge/mapping"

// Seed takes over the present values of inputs of which nothing is known: b holds those of a group. It is for
// tags that are new after a reload, of inputs that come when they change. What of the journal was taken before is known by its
// time, until Sure.
func (r *Reckoner) Seed(b *mapping.Batch) {
	to := r.bind(b.Group)
	if !to.any {
		return
	}
	for i := range b.Samples {
		s := &b.Samples[i]
		if in := to.inputs[s.Index]; in != nil && !in.in.Read() && s.Time != 0 {
			to.values.Put(b, s, s.Time)
			in.seeded = true
		}
	}
}

// Sown has the tags that are new and of which all inputs are held begin with what they have now.
func (r *Reckoner) Sown(now int64) {
	for _, t := range r.tags {
		if !t.Held || t.kept || t.any || t.away || !t.ready() {
			continue
		}
		for _, in := range t.inputs {
			t.at = max(t.at, in.in.Time)
		}
		v := t.value()
		t.last, t.any = v, true
		v.Time = max(v.Time, now)
		r.out.tag = t.index
		t.Machine.Put(v, &r.out)
	}
}

// ready reports that all inputs of t were read.
func (t *tag) ready() bool {
	for _, in := range t.inputs {
		if !in.in.Read() {
			return false
		}
	}
	return true
}

// Sure says that nothing comes again.
func (r *Reckoner) Sure() {
	for _, in := range r.inputs {
		in.seeded = false
	}
}
