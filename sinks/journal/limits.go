package journal

import (
	"context"
	"fmt"
	"time"

	"tagbridge/sinks"
)

// awayMost is how long the place of a sink is kept that is not in the configuration.
const awayMost = 7 * 24 * time.Hour

// retain lets the oldest segments go: those that no sink needs and nobody wants to look back on, and those that the limits
// do not allow any more.
func (j tidier) retain(ctx context.Context) {
	for ctx.Err() == nil && j.retainOne() {
	}
}

// retainOne lets one segment go, and reports whether there may be more.
func (j tidier) retainOne() bool {
	j.files.giving.Lock()
	defer j.files.giving.Unlock()
	j.mu.Lock()
	s, to, why := j.surplus()
	j.mu.Unlock()
	if s == nil {
		return false
	}
	gone, err := j.giveUp(s, to, why)
	if err != nil && !j.files.stuck {
		j.warn(fmt.Errorf("give up %s: %w", s.name(), err))
	}
	j.files.stuck = err != nil
	return err == nil && gone
}

// notLost is the reason when no sink needs a segment.
const notLost = Reason(len(ReasonNames))

// surplus is the oldest segment, if it is to go, where it ends and why. The caller holds the journal's lock.
func (j *Journal) surplus() (s *segment, to sinks.Pos, why Reason) {
	f := j.files
	if len(f.segments) < 2 {
		return nil, 0, 0
	}
	kept, size := j.kept()
	next := f.segments[1]
	switch {
	case kept > 0 && !j.keeps(kept, size, next):
		why = notLost
	case f.bytes()-size > j.o.MaxSize:
		why = LostSize
	case kept+1 < len(f.segments) && time.Since(f.segments[kept+1].born) > j.o.MaxAge:
		why = LostAge
	default:
		return nil, 0, 0
	}
	if kept > 0 { // before anything is lost
		why = notLost
	}
	return f.segments[0], next.first, why
}

// giveUp removes segment s, which counts up to position to, and counts what each sink loses with it. It reports false
// when that has to wait. The caller holds files.giving.
func (j tidier) giveUp(s *segment, to sinks.Pos, why Reason) (bool, error) {
	f := j.files
	f.reading.Lock()
	defer f.reading.Unlock()
	var counts []*tally
	if why != notLost {
		var ok bool
		if counts, ok = j.lagging(to); !ok {
			return false, nil
		}
		if err := f.tally(s, to, counts, f.patience.over(s)); err != nil {
			return false, err
		}
		f.patience = patience{}
	}
	var notes []note
	var away []string
	j.mu.Lock()
	for _, t := range counts {
		t.c.note(loss{from: t.from, to: t.to, samples: t.samples, why: why, given: t.given, first: t.first, last: t.last})
	}
	for _, c := range j.cursors {
		if c.acked >= to {
			continue
		}
		if !c.started {
			if !c.shed {
				away = append(away, c.name)
			}
			c.acked, c.owes, c.shed = to, true, true
		}
		notes = append(notes, c.place())
	}
	f.segments = f.segments[1:]
	j.mu.Unlock()
	j.logLosses()
	for _, sink := range away {
		j.o.Log.Warn("samples are not kept for a sink that is not in the configuration", "sink", sink)
	}
	for _, n := range notes {
		j.warn(n.write())
	}
	if !s.damaged {
		return true, f.remove(s)
	}
	defer j.shedCorrupt()
	j.warn(ignoreGone(f.folder.Remove(s.indexName())))
	return true, f.folder.Rename(s.name(), s.name()+corruptSuffix)
}

// lagging are the sinks that need something before to, which from now on they could get from files only: there their
// reading stands still. It is false when a sink is just reading that from memory.
func (j tidier) lagging(to sinks.Pos) ([]*tally, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for j.tail.first() < to {
		if j.tail.chunks[0].pins > 0 {
			return nil, false
		}
		j.tail.drop()
	}
	var all []*tally
	first := j.files.segments[0].first
	for _, c := range j.cursors {
		if !c.started || c.acked >= to {
			continue
		}
		match := c.source.Clone()
		c.left(max(c.acked, first), to, func(from, to sinks.Pos, given bool) {
			all = append(all, &tally{c: c, match: match, from: from, to: to, given: given, at: from})
		})
	}
	return all, true
}

// forget gives up the places of sinks that have been away for too long, and notes of the others that they are there.
func (j tidier) forget() {
	var here, gone []note
	j.mu.Lock()
	for name, c := range j.cursors {
		switch since := time.Since(c.since); {
		case c.started && since > time.Hour:
			c.since = time.Now()
			here = append(here, c.place())
		case !c.started && since > awayMost:
			delete(j.cursors, name)
			gone = append(gone, c.place())
		}
	}
	j.mu.Unlock()
	for _, n := range here {
		j.warn(n.write())
	}
	for _, n := range gone {
		j.o.Log.Warn("place of a sink is given up, it has not been in the configuration for a week", "sink", n.c.name)
		j.warn(j.files.folder.Remove(cursorFile(n.c.name)))
		if n.slots != nil {
			j.warn(n.slots.f.Close())
		}
	}
}
