package reckon

// Counts is what was out of the ordinary with a tag since it began.
type Counts struct {
	Late      uint64 // values that came too late to be counted
	Rollovers uint64 // of its counter
	Resets    uint64
	Replaced  uint64 // times that its counter was another one
	Glitches  uint64 // readings that were none of its counter's
	Gaps      uint64 // times without a value, for which nothing was added
}

// Add adds o to c.
func (c *Counts) Add(o Counts) {
	c.Late += o.Late
	c.Rollovers += o.Rollovers
	c.Resets += o.Resets
	c.Replaced += o.Replaced
	c.Glitches += o.Glitches
	c.Gaps += o.Gaps
}

// Counts yields those of each tag that counts, by the index of its Spec.
func (r *Reckoner) Counts(yield func(i int, c Counts)) {
	for i, t := range r.tags {
		if m, ok := t.Machine.(interface{ Counts() Counts }); ok {
			yield(i, m.Counts())
		}
	}
}

// Counts is what was out of the ordinary.
func (m *Window) Counts() Counts { return Counts{Late: m.w.State.Late} }

// Counts is what was out of the ordinary.
func (m *Total) Counts() Counts {
	k := &m.kept
	return Counts{k.Late, k.Rolled, k.Resets, k.Replaced, k.Glitches, k.Gaps}
}
