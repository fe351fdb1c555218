package modbus

import (
	"sync"
	"time"

	"tagbridge/mapping"
)

// quarantine is what is wrong with the tags of a plan, and which of them are left out of its rounds until they are due.
// Its methods are for the lane's goroutine, but for text.
type quarantine struct {
	tags    []*mapping.Tag // by index
	round   *round         // of the plan
	out     []item         // those left out when the requests were laid out, by place
	stale   bool           // others are to be left out now
	hurried time.Time      // when a reconnect last had everything tried at once

	mu     sync.Mutex // guards the following against text
	faults map[uint16]*fault
}

// part divides items, all of the plan's, and keeps those that are to be left out; it returns the others.
func (q *quarantine) part(items []item) (live []item) {
	q.out, q.stale = q.out[:0], false
	if len(q.faults) == 0 {
		return items
	}
	live = make([]item, 0, len(items))
	for _, it := range items {
		if f := q.faults[it.index]; f != nil && f.refused {
			q.out = append(q.out, it)
		} else {
			live = append(live, it)
		}
	}
	return live
}

func (q *quarantine) set(index uint16, f *fault) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.faults == nil {
		q.faults = make(map[uint16]*fault)
	}
	q.faults[index] = f
}

// fail appends a bad sample for each of items and keeps why: code, the answer to asked. Those that become refused, or
// were, are left out of the rounds for a pause that grows each time.
func (q *quarantine) fail(items []item, f fault, b *mapping.Batch) {
	f.round = q.round.number
	for i := range items {
		it := &items[i]
		old := q.faults[it.index]
		was := old != nil && old.refused
		now := f
		now.refused = f.refused || was
		if now.refused {
			switch {
			case was && old.pause > 0:
				now.pause = grow(old.pause)
			case now.silent.IsBad():
				now.pause = silentPause
			default:
				now.pause = grow(0)
			}
			now.due = q.round.began.Add(now.pause)
		}
		q.set(it.index, &now)
		appendBad(b, it.index, now.quality())
		if !now.refused {
			continue
		}
		q.stale = q.stale || !was
		if !now.table && !now.silent.IsBad() && (!was || old.table) {
			q.round.changed(change{tag: q.tags[it.index], err: now.text(q.tags[it.index])})
		}
	}
}

// suspect appends a bad sample for each of items, which are to be asked for at once in smaller requests.
func (q *quarantine) suspect(items []item, f fault, b *mapping.Batch) {
	f.round, f.due = q.round.number, q.round.began
	for i := range items {
		now := f
		q.set(items[i].index, &now)
		appendBad(b, items[i].index, f.quality())
	}
}

// clear forgets the faults of items, which have just been read.
func (q *quarantine) clear(items []item) {
	if len(q.faults) == 0 {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	var again request
	for i := range items {
		f := q.faults[items[i].index]
		if f == nil {
			continue
		}
		delete(q.faults, items[i].index)
		if !f.refused {
			continue
		}
		q.stale = true
		switch {
		case f.silent.IsBad() && f.pause == 0: // it was being found out which tag it is
		case f.silent.IsBad() && f.asked != again:
			again = f.asked
			q.round.changed(change{asked: again})
		case !f.table && !f.silent.IsBad():
			q.round.changed(change{tag: q.tags[items[i].index]})
		}
	}
}

// hurry makes everything due at now, as the connection was lost. A device that closes what is idle reconnects at every
// poll: that hurries nothing more than once in firstPause.
func (q *quarantine) hurry(now time.Time) {
	due := q.hurried.Add(firstPause)
	if !due.After(now) {
		due = now
		q.hurried = now
	}
	for _, f := range q.faults {
		if f.due.After(due) {
			f.due = due
		}
	}
}

// refused are those left out that were refused: all of them, and by themselves or with their whole table those that are
// due at now.
func (q *quarantine) refused(now time.Time) (all, due, tables []item) {
	for _, it := range q.out {
		f := q.faults[it.index]
		switch {
		case f.silent.IsBad():
			continue
		case f.due.After(now):
		case f.table:
			tables = append(tables, it)
		default:
			due = append(due, it)
		}
		all = append(all, it)
	}
	return all, due, tables
}

// silent are those left out that were not answered and are due at now, or with must all of them.
func (q *quarantine) silent(now time.Time, must bool) (due []item) {
	for _, it := range q.out {
		if f := q.faults[it.index]; f != nil && f.silent.IsBad() && (must || !f.due.After(now)) {
			due = append(due, it)
		}
	}
	return due
}

// anySilent reports that a tag is left out because it was not answered.
func (q *quarantine) anySilent() bool {
	for _, f := range q.faults {
		if f.silent.IsBad() {
			return true
		}
	}
	return false
}

// isSearching reports that there are tags on trial that may be asked for together.
func (q *quarantine) isSearching() bool {
	for _, f := range q.faults {
		if f.silent.IsBad() && f.pause == 0 {
			return true
		}
	}
	return false
}

// finish appends a bad sample for those of items that are bad and got none in the round: they are as bad as before.
func (q *quarantine) finish(items []item, b *mapping.Batch) {
	for i := range items {
		it := &items[i]
		if f := q.faults[it.index]; f != nil && f.round != q.round.number {
			f.round = q.round.number
			appendBad(b, it.index, f.quality())
		}
	}
}

// text says why tag index is bad; "" when it is not.
func (q *quarantine) text(index uint16) string {
	q.mu.Lock()
	defer q.mu.Unlock()
	f := q.faults[index]
	if f == nil {
		return ""
	}
	return f.text(q.tags[index])
}
