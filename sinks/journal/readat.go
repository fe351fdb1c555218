package journal

import (
	"time"

	"tagbridge/sinks"
)

// ReadAt is when the first sample that the files have from p on was read; zero: they have none. Headers are looked at, and
// of one segment at most.
func (in *Inspection) ReadAt(p sinks.Pos) (time.Time, error) {
	for i, s := range in.segments {
		if i+1 < len(in.segments) && in.segments[i+1].first <= p {
			continue
		}
		at, err := in.readIn(s, p)
		if err != nil || !at.IsZero() {
			return at, err
		}
	}
	return time.Time{}, nil
}

// readIn is ReadAt in one segment.
func (in *Inspection) readIn(s *segment, p sinks.Pos) (at time.Time, err error) {
	f, err := in.d.Open(s.name())
	if err != nil {
		return at, err
	}
	defer f.Close()
	scan := &scanner{w: window{f: f, limit: s.size}, giveUp: true}
	scan.wants = func(h header, head []byte) bool {
		if h.typ == typeSamples && h.end() > p && len(head) >= sampleHead && at.IsZero() {
			at = time.Unix(0, commonTime(head))
		}
		return false
	}
	for at.IsZero() {
		if _, ok := scan.next(); !ok {
			break
		}
	}
	return at, scan.err
}
