package journal

import (
	"tagbridge/mapping"
	"tagbridge/sinks"
)

// tally counts what one sink loses of one stretch.
type tally struct {
	c        *cursor
	match    *sinks.Match
	from, to sinks.Pos
	given    bool
	at       sinks.Pos // counted up to here
	samples  uint64
	first    int64 // when the oldest and the newest of them were read
	last     int64
}

// tally counts segment s, which ends at to, for all. Samples that are in it no more count as lost to everyone; so do
// those that cannot be read when giveUp is set.
func (f *files) tally(s *segment, to sinks.Pos, all []*tally, giveUp bool) error {
	if len(all) == 0 {
		return nil
	}
	file, err := f.folder.Open(s.name())
	if err != nil {
		return err
	}
	defer file.Close()
	scan := scanner{w: window{f: file, limit: s.size}, giveUp: giveUp}
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
		case rec.defines():
			if g, err := parseGroup(rec.typ, rec.payload); err == nil {
				groups[id] = g
			}
		case rec.typ == typeSamples:
			for _, t := range all {
				t.count(entry{rec.header, rec.payload, groups[id]}, &d)
			}
		}
	}
	if scan.err != nil {
		return scan.err
	}
	for _, t := range all {
		t.samples += uint64(t.to - t.at)
	}
	return nil
}

// count counts one record.
func (t *tally) count(rec entry, d *decoder) {
	from, to := max(rec.pos, t.at), min(rec.end(), t.to)
	if from >= to {
		return
	}
	n := d.count(rec, t.match, from, to)
	t.samples += uint64(from-t.at) + n
	if n > 0 && len(rec.payload) >= sampleHead {
		read := loss{first: t.first, last: t.last}
		read.spans(commonTime(rec.payload), commonTime(rec.payload))
		t.first, t.last = read.first, read.last
	}
	t.at = to
}
