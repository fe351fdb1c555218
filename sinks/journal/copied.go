package journal

import (
	"fmt"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// Decoder makes samples of records that were copied as they lie, such as by a Tap: on another machine, from another journal. It is
// for one goroutine at a time. Its zero value knows no group.
type Decoder struct {
	groups map[uint64]*mapping.Group
	d      decoder
}

// Copied is a record of samples.
type Copied struct {
	Pos     sinks.Pos // of the first
	Samples int
	Group   uint64 // its identity
	// Batch is the samples, valid until the next record; nil: the group is not known.
	Batch *mapping.Batch
}

// End is the position after its last sample.
func (c *Copied) End() sinks.Pos { return c.Pos + sinks.Pos(c.Samples) }

// Know has d know groups besides those that records define, such as those of a configuration.
func (d *Decoder) Know(groups ...*mapping.Group) {
	if d.groups == nil {
		d.groups = make(map[uint64]*mapping.Group)
	}
	for _, g := range groups {
		if d.groups[g.ID] == nil {
			d.groups[g.ID] = g
		}
	}
}

// Groups is how many are known.
func (d *Decoder) Groups() int { return len(d.groups) }

// Learn takes the definitions in b, and passes over the samples: what comes after records that cannot be made out may define
// their groups.
func (d *Decoder) Learn(b []byte) error { return d.each(b, func(header, []byte) error { return nil }) }

// Each calls yield with the records of samples in b, which are whole, in order. A definition that is damaged costs nothing here. An
// error is yield's, or says that b is not as it was copied, and is ErrCorrupt; what came before that was right.
func (d *Decoder) Each(b []byte, yield func(c *Copied) error) error {
	return d.each(b, func(h header, payload []byte) error {
		id, err := groupID(payload)
		if err != nil {
			return err
		}
		c := Copied{Pos: h.pos, Samples: h.samples, Group: id}
		if g := d.groups[id]; g != nil {
			if err := parseSamples(payload, h.samples, g, &d.d.batch); err != nil {
				return fmt.Errorf("record at position %d: %w", h.pos, err)
			}
			c.Batch = &d.d.batch
		}
		return yield(&c)
	})
}

func (d *Decoder) each(b []byte, samples func(h header, payload []byte) error) error {
	for len(b) > 0 {
		h, err := parseHeader(b)
		if err != nil {
			return err
		}
		payload, err := h.payload(b)
		if err != nil {
			return err
		}
		b = b[headerSize+h.size:]
		switch {
		case h.defines():
			if g, err := parseGroup(h.typ, payload); err == nil {
				d.Know(g)
			}
		case h.typ == typeSamples:
			if err := samples(h, payload); err != nil {
				return err
			}
		}
	}
	return nil
}
