package reckon

import (
	"encoding/binary"
	"math"

	"tagbridge/mapping/alarm"
)

// mostUntold is how many changes of alarms are kept that people may not know of yet; of more than that the oldest are forgotten.
const mostUntold = 2000

// Changes are what came of alarms since the last time, in the order in which it came. The first time these are those, too, that a run
// before has kept or that are made up for: it may have told of them. What it returns is valid until the next call of the reckoner.
//
// Those with which an alarm has another level are kept with the state until Told, so that a run that is killed before it has told of
// one leaves it to the next.
func (r *Reckoner) Changes() []Change {
	list := r.out.changes
	r.out.changes = nil
	for _, c := range list {
		if c.Level != c.Before {
			r.untold = append(r.untold, c)
		}
	}
	if n := len(r.untold) - mostUntold; n > 0 {
		r.untold = append(r.untold[:0], r.untold[n:]...)
	}
	return list
}

// Untold is how many changes of alarms were handed on and are not known to be told.
func (r *Reckoner) Untold() int { return len(r.untold) }

// ToldChanges says that what Changes has returned so far is known to people, also after a kill.
func (r *Reckoner) ToldChanges() { r.untold = r.untold[:0] }

// appendChanges appends those that may not be told yet.
func (r *Reckoner) appendChanges(dst []byte) []byte {
	n := len(r.untold)
	for i := range r.out.changes {
		if c := &r.out.changes[i]; c.Level != c.Before {
			n++
		}
	}
	dst = binary.AppendUvarint(dst, uint64(n))
	for _, list := range [...][]Change{r.untold, r.out.changes} {
		for i := range list {
			if c := &list[i]; c.Level != c.Before {
				dst = c.append(dst)
			}
		}
	}
	return dst
}

func (c *Change) append(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(c.Tag))
	for _, at := range [...]int64{c.Time, c.Since, c.Changed} {
		dst = binary.AppendVarint(dst, at)
	}
	dst = binary.LittleEndian.AppendUint32(append(dst, byte(c.Level), byte(c.Before)), c.Quality)
	return binary.LittleEndian.AppendUint64(dst, math.Float64bits(c.Value))
}

// changes are those of a state with that many tags.
func (p *parser) changes(tags int) (list []Change) {
	for range p.count() {
		c := Change{Tag: int(p.uvarint())}
		c.Time, c.Since, c.Changed = p.varint(), p.varint(), p.varint()
		c.Level, c.Before = alarm.Level(p.byte()), alarm.Level(p.byte())
		c.Quality, c.Value = p.u32(), math.Float64frombits(p.u64())
		if p.failed || c.Tag < 0 || c.Tag >= tags || c.Level >= alarm.NumLevels || c.Before >= alarm.NumLevels || c.Value-c.Value != 0 {
			p.failed = true
			return nil
		}
		list = append(list, c)
	}
	return list
}
