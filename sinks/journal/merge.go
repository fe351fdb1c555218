package journal

import (
	"container/heap"
	"context"
	"slices"

	"tagbridge/mapping"
)

// heldMost is about how much memory the pieces take that are read at a time.
const heldMost = 16 << 20

// Each calls yield with the samples that were asked for, in the order of their times, those of one time in the order in
// which they were read, until it returns an error, which Each returns. b is valid during the call. Each holds a few
// megabytes, however many samples there are and however far the order of their times is from that in which they were read.
func (h *History) Each(ctx context.Context, yield func(b *mapping.Batch, i int) error) error {
	order := pieces(slices.Clone(h.pieces))
	heap.Init(&order)
	var b mapping.Batch
	for len(order) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		p := order[0]
		if err := h.bring(p); err != nil {
			return err
		}
		if p.rest() && order.isFirst(p) {
			if err := p.yield(&b, order.second(), yield); err != nil {
				return err
			}
		}
		if p.rest() {
			heap.Fix(&order, 0)
			continue
		}
		heap.Pop(&order)
		h.drop(p)
	}
	return nil
}

// EachAsRead is Each in the order in which the samples were read.
func (h *History) EachAsRead(ctx context.Context, yield func(b *mapping.Batch, i int) error) error {
	return h.AsRead(ctx, func(b *mapping.Batch) error {
		choice := h.chooser.match.Group(b.Group)
		for i := range b.Samples {
			if s := &b.Samples[i]; s.Time >= h.since && s.Time < h.until && choice.Has(s.Index) {
				if err := yield(b, i); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// bring has p in memory, and lets go of those that are needed last when that is too much.
func (h *History) bring(p *piece) error {
	if p.held.loaded {
		return nil
	}
	if err := h.read(p); err != nil {
		return err
	}
	p.held.sort()
	h.loaded = append(h.loaded, p)
	h.bytes += p.held.bytes()
	for h.bytes > h.most && len(h.loaded) > 2 {
		h.drop(h.neededLast(p))
	}
	return nil
}

// neededLast is which of the pieces in memory, beside p, is needed last.
func (h *History) neededLast(p *piece) *piece {
	var last *piece
	for _, other := range h.loaded {
		if other != p && (last == nil || last.before(other)) {
			last = other
		}
	}
	return last
}

// drop lets go of what of p is in memory.
func (h *History) drop(p *piece) {
	h.bytes -= p.held.bytes()
	h.spare, p.held = p.held, held{}
	h.loaded = slices.DeleteFunc(h.loaded, func(other *piece) bool { return other == p })
}

// rest reports whether p, which is in memory, has samples that were not yielded, and notes the time of the next.
func (p *piece) rest() bool {
	if p.at >= len(p.held.samples) {
		return false
	}
	p.next = p.held.samples[p.at].Time
	return true
}

// yield yields samples of p, as long as none of before is to come first; nil: there is no other.
func (p *piece) yield(b *mapping.Batch, before *piece, yield func(b *mapping.Batch, i int) error) error {
	b.Samples, b.Blob = p.held.samples, p.held.blob
	for ; p.at < len(b.Samples); p.at++ {
		p.next = b.Samples[p.at].Time
		if before != nil && before.before(p) {
			return nil
		}
		b.Group = p.held.groups[p.held.group[p.at]]
		if err := yield(b, p.at); err != nil {
			return err
		}
	}
	return nil
}

// before reports that the next sample of p comes before that of other.
func (p *piece) before(other *piece) bool {
	return p.next < other.next || p.next == other.next && p.seq < other.seq
}

// pieces is a heap, the one whose sample comes first at its head.
type pieces []*piece

// isFirst reports that p, the head, is still the first, as it is now.
func (l pieces) isFirst(p *piece) bool {
	second := l.second()
	return second == nil || !second.before(p)
}

// second is the one after the head; nil: there is none.
func (l pieces) second() *piece {
	switch {
	case len(l) < 2:
		return nil
	case len(l) == 2 || l[1].before(l[2]):
		return l[1]
	}
	return l[2]
}

func (l pieces) Len() int { return len(l) }

func (l pieces) Less(i, j int) bool { return l[i].before(l[j]) }

func (l pieces) Swap(i, j int) { l[i], l[j] = l[j], l[i] }

func (l *pieces) Push(x any) { *l = append(*l, x.(*piece)) }

func (l *pieces) Pop() any {
	last := (*l)[len(*l)-1]
	*l = (*l)[:len(*l)-1]
	return last
}
