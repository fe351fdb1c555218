package modbus

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// cut is an address at which a block has to begin: joined with what is before it, it was refused, while both sides
// alone were answered. There is a hole in the gap, or the block was too large for the device.
type cut struct {
	function uint8
	at       uint16
	down     bool   // on trial: blocks are joined again
	parts    parts  // of what was not answered; zero where it was refused
	good     int    // sides that were answered, when it is new
	size     uint16 // the larger of these
	pause    time.Duration
	due      time.Time
}

// parts are the places of what a cut keeps apart: from the first register of one side to the last tag's first of the
// other.
type parts struct {
	first, left, at, last uint16
	answered              uint8 // sides, by bit
}

const bothSides = 1 | 2

// costly reports a cut that is not put to the test for nothing: another answer than a refusal may take a timeout, or
// the connection.
func (c *cut) costly() bool { return c.parts != (parts{}) }

// under reports that c is on trial, and that b reaches over it.
func (c *cut) under(b *block) bool {
	return c.down && c.function == b.function() && int(c.at) > b.start() && int(c.at) < b.start()+int(b.count)
}

// same reports two cuts at one place.
func (c *cut) same(o cut) bool { return c.function == o.function && c.at == o.at }

// cuts are where a plan keeps its blocks apart. Its methods are for the lane's goroutine, but for Learned of the plan,
// which is for everybody.
type cuts struct {
	list  []cut
	items []item // of the plan, by place

	mu      sync.Mutex // guards the following
	learned []Cut      // by place
}

// keep makes c, which has proven itself at now, hold from the next round on, for a pause that grows each time.
func (k *cuts) keep(c cut, now time.Time) {
	i := slices.IndexFunc(k.list, c.same)
	if i < 0 {
		i = len(k.list)
		k.list = append(k.list, c)
	}
	kept := &k.list[i]
	kept.down = false
	kept.pause = grow(kept.pause)
	kept.due = now.Add(kept.pause)
	k.learn(c)
}

// halve keeps what comes before item at of items, which were not answered together at now, apart from the rest.
func (k *cuts) halve(items []item, at int, now time.Time) {
	last := items[len(items)-1].start
	c := cut{function: items[0].function, at: items[at].start, pause: lastPause, due: now.Add(lastPause)}
	c.parts = parts{first: items[0].start, left: items[at-1].start, at: c.at, last: last}
	k.list = slices.DeleteFunc(k.list, c.same)
	k.list = append(k.list, c)
}

// wake puts cuts on trial whose time has come, or whose connection was lost, which hurries those that cost nothing: one
// that does is tried at a time, and none while it is calm. It reports whether there are any.
func (k *cuts) wake(now time.Time, lost, calm bool) (changed bool) {
	for i := range k.list {
		c := &k.list[i]
		if c.down || c.costly() && calm || !(lost && !c.costly()) && c.due.After(now) {
			continue
		}
		c.down = true
		changed = true
		calm = calm || c.costly()
	}
	return changed
}

// splitAt is where to cut a refused block: where that has helped before, else at the likeliest place.
func (k *cuts) splitAt(b *block) int {
	for i := 1; i < len(b.items); i++ {
		it := &b.items[i]
		if samePlace(&b.items[i-1], it) {
			continue
		}
		for _, c := range k.list {
			if c.function == it.function && c.at == it.start {
				return i
			}
		}
	}
	return splitAt(b.items)
}

// reachedOver reports that b puts a cut on trial.
func (k *cuts) reachedOver(b *block) bool {
	return slices.ContainsFunc(k.list, func(c cut) bool { return c.under(b) })
}

// restore has the cuts kept to again that b, which was not answered, reaches over. It returns those that were not known to
// whoever asks, and are now.
func (k *cuts) restore(b *block, now time.Time) (found []cut) {
	for i := range k.list {
		c := &k.list[i]
		if !c.under(b) {
			continue
		}
		c.down = false
		c.pause = lastPause
		c.due = now.Add(lastPause)
		if !c.costly() { // it was refused when this was learned
			c.parts = parts{first: b.items[0].start, at: c.at, answered: bothSides}
		}
		if !slices.ContainsFunc(k.learned, c.is) {
			k.learn(*c)
			found = append(found, *c)
		}
	}
	return found
}

// provenBy notes that b, which was on trial, was answered at now. A cut whose sides both were is kept to unless the
// whole is now.
func (k *cuts) provenBy(b *block, now time.Time) {
	first, last := b.items[0].start, b.items[len(b.items)-1].start
	for i := range k.list {
		c := &k.list[i]
		s := &c.parts
		if c.function != b.function() || !c.costly() || s.answered == bothSides {
			continue
		}
		switch {
		case first == s.first && last == s.left:
			s.answered |= 1
		case first == s.at && last == s.last:
			s.answered |= 2
		default:
			continue
		}
		c.size = max(c.size, b.count)
		if s.answered == bothSides { // the whole is asked for once more: it may have been the device's mood
			c.due = now
		}
	}
}

// explain forgets the cuts that led to b, which explains them.
func (k *cuts) explain(b *block) {
	start := b.items[0].start
	k.list = slices.DeleteFunc(k.list, func(c cut) bool {
		s := c.parts
		return c.function == b.function() && c.costly() && s.answered != bothSides && s.first <= start && start <= s.last
	})
}

// remedy is the setting that has the device asked as c, which was learned, does.
func (k *cuts) remedy(c *cut) string {
	i := slices.IndexFunc(k.learned, c.is)
	switch {
	case k.learned[i].Hole > 0 && isBits(c.function):
		return fmt.Sprintf("max_gap: %d", (k.learned[i].Hole-1)/bitsPerRegister)
	case k.learned[i].Hole > 0:
		return fmt.Sprintf("max_gap: %d", k.learned[i].Hole-1)
	case isBits(c.function):
		return fmt.Sprintf("max_bits: %d", c.size)
	}
	return fmt.Sprintf("max_registers: %d", c.size)
}
