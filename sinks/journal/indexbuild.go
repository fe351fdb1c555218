package journal

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// indexing makes the index of a segment by reading it.
type indexing struct {
	x      *index
	scan   *scanner
	groups *definitions
	wants  func(id uint64) bool // nil: all groups; else blocks without any of these are left out, and their times are not looked for
	giveUp bool                 // what cannot be read counts as damage
	block  int64                // about how large blocks are; 0: blockBytes
	turn   func() error         // is called after each window; nil: nothing is to be done then

	numbers map[uint64]int // of the groups, in x
	set     numberSet      // of those in the last block
	at      sinks.Pos      // after the last record that was seen
	last    int64          // its common time, but for those that their sources have dated
	earlier int64          // such are those older than this, when there are others
	dated   bool           // there are others
	open    int            // of x.holes: they wait for a record of the bridge's own time
	base    int64          // of the window that turn was called for
}

// buildIndex reads segment s, of which f has size bytes.
func buildIndex(ctx context.Context, f file, s *segment, size int64, b indexing) (*index, error) {
	b.x = &index{of: identifySegment(f, s, size), end: s.first, seen: s.first}
	b.scan = &scanner{w: window{f: f, limit: size}, giveUp: b.giveUp}
	b.block = cmp.Or(b.block, blockBytes)
	b.numbers = make(map[uint64]int)
	b.at, b.last, b.earlier = s.first, math.MinInt64, math.MinInt64
	b.scan.wants = b.look
	for {
		rec, ok := b.scan.next()
		if !ok {
			break
		}
		if err := b.take(rec); err != nil {
			return nil, err
		}
		if b.turn != nil && b.scan.w.base != b.base {
			b.base = b.scan.w.base
			if err := b.turn(); err != nil {
				return nil, err
			}
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	if b.scan.err != nil {
		return nil, fmt.Errorf("%s: %w", s.name(), b.scan.err)
	}
	b.x.seen = max(b.scan.end, s.first)
	b.finish(size)
	return b.x, nil
}

// look implements scanner.wants: records of groups that are not wanted are taken in as they are.
func (b *indexing) look(h header, head []byte) bool {
	if h.typ != typeSamples || b.wants == nil || len(head) < sampleHead {
		return true
	}
	id, _ := groupID(head)
	if b.wants(id) {
		return true
	}
	b.see(h, b.scan.off, commonTime(head))
	return false
}

// take takes an intact record in.
func (b *indexing) take(rec found) error {
	switch {
	case rec.typ == typeSegment:
		if head, err := parseHead(rec.payload); err == nil {
			b.x.prev = head.prev
			b.earlier = head.created.Add(-time.Minute).UnixNano()
		}
	case rec.defines():
		b.groups.define(rec)
		b.define(rec)
	case rec.typ == typeSamples && len(rec.payload) >= sampleHead:
		b.see(rec.header, rec.off, commonTime(rec.payload))
		batch, err := b.groups.samples(rec)
		if err != nil {
			return err
		}
		id, _ := groupID(rec.payload)
		b.set.add(b.number(id))
		b.times(batch)
	}
	return nil
}

// number is that of a group.
func (b *indexing) number(id uint64) int {
	n, ok := b.numbers[id]
	if !ok {
		n = len(b.x.groups)
		b.numbers[id] = n
		b.x.groups = append(b.x.groups, indexGroup{id: id})
	}
	return n
}

// define notes where a group is defined.
func (b *indexing) define(rec found) {
	id, err := groupID(rec.payload)
	if err != nil || len(rec.payload) < 8 {
		return
	}
	g := &b.x.groups[b.number(id)]
	g.def = rec.off
	if known := b.groups.known[id]; known != nil {
		g.device = known.Device
	}
}

// see notes that there is a record of samples, of that common time.
func (b *indexing) see(h header, off, common int64) {
	own := common >= b.earlier // else its source has dated it, or the clock was set back
	if b.x.blocks == nil || own && !b.dated {
		b.x.begins = common
	}
	b.dated = b.dated || own
	if h.pos > b.at {
		b.x.holes = append(b.x.holes, hole{from: b.at, to: h.pos, since: min(b.last, common), until: max(b.last, common)})
		b.open++
	}
	if own {
		for ; b.open > 0; b.open-- {
			late := &b.x.holes[len(b.x.holes)-b.open]
			late.until = max(late.until, common)
		}
	}
	if own || !b.dated {
		b.last = common
	}
	b.at = max(b.at, h.end())
	b.x.end, b.x.last = b.at, b.last
	n := len(b.x.blocks)
	if n == 0 || off-b.blockAt() >= b.block {
		b.close(off)
		b.x.blocks = append(b.x.blocks, indexBlock{min: math.MaxInt64, max: math.MinInt64, size: off})
		n++
	}
	b.x.blocks[n-1].samples += uint64(h.samples)
}

// blockAt is where the last block begins: its size holds that until it is closed.
func (b *indexing) blockAt() int64 { return b.x.blocks[len(b.x.blocks)-1].size }

// close ends the last block, as another one begins at off.
func (b *indexing) close(off int64) {
	n := len(b.x.blocks)
	if n == 0 {
		b.x.first = off
		return
	}
	last := &b.x.blocks[n-1]
	last.size = off - last.size
	last.groups = b.set.take()
	if last.min > last.max {
		last.anyTime()
	}
}

// times takes in those of the samples of a record; nil: they cannot be made out.
func (b *indexing) times(batch *mapping.Batch) {
	block := &b.x.blocks[len(b.x.blocks)-1]
	if batch == nil {
		block.anyTime()
		return
	}
	for i := range batch.Samples {
		t := batch.Samples[i].Time
		block.min, block.max = min(block.min, t), max(block.max, t)
	}
}

// finish closes the last block.
func (b *indexing) finish(size int64) {
	if len(b.x.blocks) > 0 {
		b.close(size)
	}
}
