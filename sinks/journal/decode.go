package journal

import (
	"tagbridge/mapping"
	"tagbridge/sinks"
)

// entry is a record of samples and the group that they are of.
type entry struct {
	header
	payload []byte
	group   *mapping.Group // nil: it is not known
}

// decoder decodes entries by way of a batch that it uses again and again.
type decoder struct{ batch mapping.Batch }

// take appends to v the samples from p on that match. It returns where it stopped: behind the entry, or within one
// larger than a whole view, or at p when v has no room.
func (d *decoder) take(e entry, p sinks.Pos, q sinks.Query, v *sinks.View) (sinks.Pos, error) {
	skip, most := int(p-e.pos), q.Max-v.Len()
	if most <= 0 || v.Len() > 0 && e.samples-skip > most {
		return p, nil
	}
	if q.Match.Group(e.group).None() {
		return e.end(), nil
	}
	if err := parseSamples(e.payload, e.samples, e.group, &d.batch); err != nil {
		return p, err
	}
	part := d.batch
	part.Samples = part.Samples[skip:min(e.samples, skip+most)]
	v.AppendFrom(p, &part, q.Match)
	return p + sinks.Pos(len(part.Samples)), nil
}

// count is how many samples of e, between two positions in it, m takes. What cannot be read is lost to everyone.
func (d *decoder) count(e entry, m *sinks.Match, from, to sinks.Pos) uint64 {
	all := uint64(to - from)
	if e.group == nil {
		return all
	}
	choice := m.Group(e.group)
	if choice.None() {
		return 0
	}
	if choice.All() || parseSamples(e.payload, e.samples, e.group, &d.batch) != nil {
		return all
	}
	n := uint64(0)
	for _, s := range d.batch.Samples[from-e.pos : to-e.pos] {
		if choice.Has(s.Index) {
			n++
		}
	}
	return n
}
