package journal

import (
	"context"
	"encoding/binary"
	"slices"

	"tagbridge/mapping"
)

// AsRead calls yield with the samples of the blocks that have some of what was asked for, as they were appended: in the order
// in which they were read, whatever their times are, with more of the same groups around them. b is valid during the call,
// and its group for as long as h is. It ends with the first error of yield, which it returns.
func (h *History) AsRead(ctx context.Context, yield func(b *mapping.Batch) error) error {
	for _, p := range h.pieces {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := h.each(p, func(rec found) error {
			b, err := h.batch(p, rec)
			if err != nil || b == nil {
				return err
			}
			return yield(b)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// each calls do with the records of samples that p has, intact ones of groups that are wanted or not known.
func (h *History) each(p *piece, do func(found) error) error {
	size := int(p.end - p.off)
	h.buf = slices.Grow(h.buf[:0], size)[:size]
	if n, _ := p.f.ReadAt(h.buf, p.off); n == size {
		samples, whole, _ := eachOfBlock(h.buf, &h.wanted, &h.others, func(found) error { return nil })
		if whole && samples == p.samples {
			p.checked = true
			_, _, err := eachOfBlock(h.buf, &h.wanted, &h.others, do)
			return err
		}
	}
	samples := uint64(0) // that are intact, or of other groups
	scan := scanner{w: window{f: p.f, limit: p.end}, off: p.off, giveUp: true}
	scan.wants = func(rec header, head []byte) bool {
		if rec.typ == typeSamples && len(head) >= sampleHead && !h.others.has(binary.LittleEndian.Uint64(head)) {
			return true // it may be one with a garbled identity
		}
		samples += uint64(rec.samples)
		return false
	}
	for rec, ok := scan.next(); ok; rec, ok = scan.next() {
		if err := do(rec); err != nil {
			return err
		}
		samples += uint64(rec.samples)
	}
	if !p.checked && samples < p.samples {
		h.lacks(p.min, p.max, p.samples-samples, MissingDamaged)
	}
	p.checked = true
	return nil
}

// batch is the samples of a record of p; nil: it is of another segment, or cannot be made out.
func (h *History) batch(p *piece, rec found) (*mapping.Batch, error) {
	if rec.pos >= p.to {
		return nil, nil
	}
	id, err := groupID(rec.payload)
	if err != nil {
		return nil, nil
	}
	g, err := h.chooser.groups.group(id)
	if err != nil {
		return nil, err
	}
	b := &h.chooser.groups.batch
	if g == nil || pickSamples(rec.payload, rec.samples, g, h.chooser.match.Group(g), b) != nil {
		if !p.checked { // nobody can make it out
			t := commonTime(rec.payload)
			h.lacks(t, t, uint64(rec.samples), MissingDamaged)
		}
		return nil, nil
	}
	return b, nil
}
