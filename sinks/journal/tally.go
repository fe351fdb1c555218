package journal

import (
	"tagbridge/mapping"
	"tagbridge/sinks"
)

// tally counts what one sink loses.
type tally struct {
	c       *cursor
	match   *sinks.Match
	from    sinks.Pos // it was given everything before it
	at      sinks.Pos // counted up to here
	samples uint64
}

// tally counts segment s for all. Samples that are in it no more count as lost to everyone.
func (f *files) tally(s *segment, to sinks.Pos, all []*tally) error {
	if len(all) == 0 {
		return nil
	}
	file, err := f.folder.Open(s.name())
	if err != nil {
		return err
	}
	defer file.Close()
	scan := scanner{w: window{f: file, limit: s.size}}
	groups := make(map[uint64]*mapping.Group)
	var b mapping.Batch
	for {
		rec, ok := scan.next()
		if !ok || rec.pos >= to {
			break
		}
		id, err := groupID(rec.payload)
		switch {
		case err != nil || rec.typ == typeSegment:
		case rec.typ == typeGroup:
			if g, err := parseGroup(rec.payload); err == nil {
				groups[id] = g
			}
		case rec.typ == typeSamples:
			for _, t := range all {
				t.count(rec, groups[id], &b)
			}
		}
	}
	for _, t := range all {
		if t.at < to {
			t.samples += uint64(to - t.at)
		}
	}
	return nil
}

// count counts one record of group g, by way of b.
func (t *tally) count(rec found, g *mapping.Group, b *mapping.Batch) {
	if rec.end() <= t.at {
		return
	}
	if rec.pos > t.at {
		t.samples += uint64(rec.pos - t.at)
	}
	from := max(rec.pos, t.at)
	t.at = rec.end()
	t.samples += matching(t.match, rec.header, rec.payload, g, int(from-rec.pos), b)
}

// matching is how many samples of a record of group g m takes, but for the first few. What cannot be read is lost to
// everyone.
func matching(m *sinks.Match, h header, payload []byte, g *mapping.Group, skip int, b *mapping.Batch) uint64 {
	all := uint64(h.samples - skip)
	if g == nil {
		return all
	}
	choice := m.Group(g)
	if choice.None() {
		return 0
	}
	if choice.All() || parseSamples(payload, h.samples, g, b) != nil {
		return all
	}
	n := uint64(0)
	for i := range b.Samples[skip:] {
		if choice.Has(b.Samples[skip+i].Index) {
			n++
		}
	}
	return n
}
