package journal

import (
	"context"
	"errors"
	"io/fs"

	"tagbridge/sinks"
)

// chooser knows which groups have samples that are asked for.
type chooser struct {
	match  *sinks.Match
	groups definitions
	takes  map[uint64]bool // by those that are known
}

// index is that of segment s, of which f is the file: the one it has, or one made by reading it.
func (c *chooser) index(ctx context.Context, f file, s *segment) (*index, error) {
	if s.number == inMemory {
		return buildIndex(ctx, f, s, s.size, indexing{groups: &c.groups, wants: c.wants})
	}
	x, _, err := readIndex(c.groups.in.d, s, identifySegment(f, s, s.size))
	switch {
	case err == nil:
		return x, nil
	case !errors.Is(err, errNoIndex) && !errors.Is(err, ErrCorrupt) && !isContent(err) && !errors.Is(err, fs.ErrPermission):
		return nil, err
	}
	return buildIndex(ctx, f, s, s.size, indexing{groups: &c.groups, wants: c.wants, giveUp: true})
}

// wants reports whether group id is wanted. One that is not known yet may be.
func (c *chooser) wants(id uint64) bool {
	takes, known := c.takes[id]
	if known {
		return takes
	}
	g := c.groups.known[id]
	if g == nil {
		return true
	}
	takes = !c.match.Group(g).None()
	c.takes[id] = takes
	return takes
}

// passes notes that a group of that device is not wanted, and reports it, if that can be said by the device.
func (c *chooser) passes(id uint64, device string) bool {
	if c.match.MayTake(device) {
		return false
	}
	c.takes[id] = false
	return true
}

// wanted is which groups of x are wanted; nil: none.
func (c *chooser) wanted(f file, x *index) []bool {
	var wanted []bool
	for i := range x.groups {
		g := &x.groups[i]
		if _, known := c.takes[g.id]; !known {
			c.decide(f, x.of.size, g)
		}
		if c.wants(g.id) {
			if wanted == nil {
				wanted = make([]bool, len(x.groups))
			}
			wanted[i] = true
		}
	}
	return wanted
}

// decide finds out about a group that is not known yet, if what defines it can be read.
func (c *chooser) decide(f file, size int64, g *indexGroup) {
	if g.device != "" && !c.match.MayTake(g.device) {
		c.takes[g.id] = false
		return
	}
	if c.groups.known[g.id] != nil || g.def == 0 {
		return
	}
	if rec, ok := recordAt(f, g.def, size); ok && rec.defines() {
		c.groups.define(rec)
	}
}

// recordAt is the record at off of a file of so many bytes, if it is intact.
func recordAt(f file, off, size int64) (found, bool) {
	var head [headerSize]byte
	if n, _ := f.ReadAt(head[:], off); n < headerSize {
		return found{}, false
	}
	h, err := parseHeader(head[:])
	if err != nil || int64(headerSize+h.size) > size-off {
		return found{}, false
	}
	b := make([]byte, headerSize+h.size)
	if n, _ := f.ReadAt(b, off); n < len(b) {
		return found{}, false
	}
	payload, err := h.payload(b)
	return found{header: h, off: off, payload: payload}, err == nil
}
