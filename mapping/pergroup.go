package mapping

// turnAfter is the least number of look-ups between two turns of a PerGroup.
const turnAfter = 4096

// PerGroup keeps what was prepared for each group, so that a batch costs one look-up and a sample none. Groups that
// have not been asked for in a long while are forgotten: a reload leaves nothing behind. The zero value is ready. It is
// for one goroutine at a time.
type PerGroup[V any] struct {
	young, old map[*Group]V // asked for since the last turn; before it only
	lookups    int
}

// Lookup is what prepare makes of g, as it was made when g was last seen.
func (c *PerGroup[V]) Lookup(g *Group, prepare func(*Group) V) V {
	c.lookups++
	v, ok := c.young[g]
	if ok {
		return v
	}
	if c.lookups > max(turnAfter, 8*(len(c.young)+len(c.old))) {
		c.turn()
	}
	if v, ok = c.old[g]; !ok {
		v = prepare(g)
	}
	if c.young == nil {
		c.young = make(map[*Group]V)
	}
	c.young[g] = v
	return v
}

// turn makes the young old and forgets the old.
func (c *PerGroup[V]) turn() {
	clear(c.old)
	c.young, c.old = c.old, c.young
	c.lookups = 0
}
