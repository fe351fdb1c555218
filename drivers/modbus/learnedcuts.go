package modbus

import (
	"cmp"
	"slices"
	"time"
)

// Cut is what splitting found out about a device: a block of this function that reaches over an address is refused,
// while both of its sides are answered.
type Cut struct {
	Function int `json:"function"`
	Address  int `json:"address"` // at which a block has to begin
	Hole     int `json:"hole"`    // registers or bits before it that nobody may ask for; 0: the block was too large
	Largest  int `json:"largest"` // of the sides, the most that was answered at once
}

func compareCuts(a, b Cut) int {
	return cmp.Or(cmp.Compare(a.Function, b.Function), cmp.Compare(a.Address, b.Address))
}

func (c *cut) is(k Cut) bool { return k.Function == int(c.function) && k.Address == int(c.at) }

// recall keeps to those of cuts that were learned before which fit the items, until they are put to the test again.
func (k *cuts) recall(before []Cut, now time.Time) {
	for _, c := range before {
		is := func(it item) bool { return int(it.function) == c.Function && int(it.start) == c.Address }
		if slices.ContainsFunc(k.items, is) {
			k.list = append(k.list, cut{
				function: uint8(c.Function), at: uint16(c.Address), pause: lastPause, due: now.Add(lastPause),
			})
			k.learned = append(k.learned, c)
		}
	}
	slices.SortFunc(k.learned, compareCuts)
}

// learn notes a cut for whoever asks.
func (k *cuts) learn(c cut) {
	end := 0
	for i := range k.items {
		if it := &k.items[i]; it.function == c.function && it.start < c.at {
			end = max(end, it.end())
		}
	}
	found := Cut{
		Function: int(c.function), Address: int(c.at), Hole: max(0, int(c.at)-end), Largest: int(c.size),
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.learned = slices.DeleteFunc(k.learned, c.is)
	k.learned = append(k.learned, found)
	slices.SortFunc(k.learned, compareCuts)
}

// unlearn forgets cuts that b, which was answered, reaches over.
func (k *cuts) unlearn(b *block) {
	for i := range k.list {
		if c := &k.list[i]; c.under(b) {
			k.mu.Lock()
			k.learned = slices.DeleteFunc(k.learned, c.is)
			k.mu.Unlock()
		}
	}
}
