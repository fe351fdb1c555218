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
	var d decoder
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
				t.count(entry{rec.header, rec.payload, groups[id]}, &d)
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

// count counts one record.
func (t *tally) count(rec entry, d *decoder) {
	if rec.end() <= t.at {
		return
	}
	if rec.pos > t.at {
		t.samples += uint64(rec.pos - t.at)
	}
	from := max(rec.pos, t.at)
	t.at = rec.end()
	t.samples += d.count(rec, t.match, int(from-rec.pos))
}
