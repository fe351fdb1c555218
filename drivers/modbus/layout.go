package modbus

import (
	"cmp"
	"slices"

	"tagbridge/mapping"
)

// lastAddress is the highest address of a table.
const lastAddress = 1<<16 - 1

// item is one tag as a plan works with it.
type item struct {
	codec    *mapping.Codec
	image    uint32 // where its bytes are in Plan.image
	start    uint16 // first register or bit
	size     uint16 // registers or bits
	index    uint16 // into Group.Series
	function uint8
	scaled   bool  // by an exponent
	own      uint8 // registers of the value, at so many from start
	at       uint8
	by       uint8 // register of the exponent, from start
	// holds is where the last item begins that is to come out of one answer with this one; 0: none is.
	holds uint16
}

// end is the address behind the item.
func (i *item) end() int { return int(i.start) + int(i.size) }

// compareItems orders by place on the wire.
func compareItems(a, b item) int {
	return cmp.Or(
		cmp.Compare(a.function, b.function),
		cmp.Compare(a.start, b.start),
		cmp.Compare(a.size, b.size),
		cmp.Compare(a.index, b.index))
}

// samePlace reports items of exactly the same registers: no request can tell them apart.
func samePlace(a, b *item) bool {
	return a.function == b.function && a.start == b.start && a.size == b.size
}

// block is one request and the items that its answer decides about, ordered by place.
type block struct {
	items []item
	count uint16 // registers or bits from the first item's start
	again bool   // the unit was busy once in this round
	cut   *cut   // the split that made it, while that is on trial
	// trial is a request that was given up because it was not answered; a witness is asked for its answer alone.
	trial, witness bool
	doubt          *fault // of a witness: what is so if it is refused too
	doubted        bool   // there was a witness for its refusal
}

func (b *block) function() uint8 { return b.items[0].function }

func (b *block) start() int { return int(b.items[0].start) }

func newBlock(items []item) block {
	end := 0
	for i := range items {
		end = max(end, items[i].end())
	}
	return block{items: items, count: uint16(end - int(items[0].start))}
}

// layout joins items, ordered by place, into as few blocks as the limits and the fences allow. What is tied to each other
// stays in one block, also over wider gaps, as far as the limits go. It keeps parts of items.
func layout(items []item, l Limits, f fences) []block {
	var blocks []block
	for first := 0; first < len(items); {
		a := &items[first]
		start, end := int(a.start), a.end()
		most, gap := l.of(a.function)
		if l.Single {
			most = int(a.size)
		}
		wall := f.after(a.function, start)
		next, whole, held := first+1, first, f.held(a)
		for ; next < len(items); next++ {
			b := &items[next]
			joined := max(end, b.end())
			tied := held >= int(b.start) && held > 0
			if b.function != a.function || int(b.start) > end+gap && !tied || wall.stops(int(b.start), joined) {
				break
			}
			if !tied {
				whole = next
			}
			if joined-start > most {
				if whole > first && !l.Single {
					next = whole // what is tied begins there, and fits the next block
				}
				break
			}
			end, held = joined, max(held, f.held(b))
		}
		blocks = append(blocks, newBlock(items[first:next]))
		first = next
	}
	return blocks
}

// fences are what blocks must not be joined across, as splitting found out: cuts are the addresses at which a block
// has to begin, out the items that are refused and that no block may contain. Both are ordered by place.
type fences struct {
	cuts []cut
	out  []item
	ties bool // what is tied is kept together
}

// held is how far it is tied to others, where that counts.
func (f fences) held(it *item) int {
	if !f.ties {
		return 0
	}
	return int(it.holds)
}

// wall walks along the fences behind the start of one block.
type wall struct {
	start    int
	function uint8
	cut      int    // the nearest cut behind start, or past the last address
	out      []item // refused items from start on
	outEnd   int    // the nearest end of those looked at
}

func (f fences) after(function uint8, start int) wall {
	w := wall{start: start, function: function, cut: lastAddress + 1, outEnd: 2 * lastAddress}
	for i := range f.cuts {
		if c := &f.cuts[i]; c.function == function && int(c.at) > start && !c.down {
			w.cut = min(w.cut, int(c.at))
		}
	}
	at, _ := slices.BinarySearchFunc(f.out, item{function: function, start: uint16(start)}, compareItems)
	w.out = f.out[at:]
	return w
}

// stops reports whether an item that begins at start and takes the block's end to end is beyond the wall.
func (w *wall) stops(start, end int) bool {
	for len(w.out) > 0 && w.out[0].function == w.function && int(w.out[0].start) < end {
		w.outEnd = min(w.outEnd, w.out[0].end())
		w.out = w.out[1:]
	}
	return start >= w.cut || end >= w.outEnd
}

// splitAt is where to cut a refused block: the index of the item that the second piece begins with, or 0 when the
// items cannot be told apart. The widest gap is the likeliest hole; without gaps it is the boundary nearest the
// middle, one that cuts no value while there is such a one.
func splitAt(items []item) int {
	best, bestGap, bestOff := 0, 0, 0
	end := items[0].end()
	for i := 1; i < len(items); i++ {
		if samePlace(&items[i-1], &items[i]) {
			continue
		}
		gap := int(items[i].start) - end + 1 // 1: adjacent; less: the item overlaps one before it
		gap = max(gap, 0)
		off := abs(2*i - len(items))
		if best == 0 || gap > bestGap || gap == bestGap && off < bestOff {
			best, bestGap, bestOff = i, gap, off
		}
		end = max(end, items[i].end())
	}
	return best
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
