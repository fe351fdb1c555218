package config

import (
	"time"

	"tagbridge/mapping"
)

// mostGroupBytes is how long may be what the tags of one device and period say of themselves: it is kept in the journal
// with their samples, in one record of at most 16 MiB, in which each unit, set of labels and enumeration is once.
const mostGroupBytes = 15 << 20

// checkSize reports a device of more tags than can be read, or whose tags say more of themselves than can be kept.
func checkSize(r *readDevice) {
	if len(r.Tags) > mapping.MaxGroup {
		r.s.Problemf("tags", "%s has %d tags, at most %d are possible: split it into two devices",
			r.s.What, len(r.Tags), mapping.MaxGroup)
	}
	whole := 0
	for _, t := range r.Tags {
		whole += nameBytes(t) + traitsBytes(t.Traits)
	}
	if whole <= mostGroupBytes {
		return
	}
	sizes, seen := make(map[time.Duration]int), make(map[*mapping.Traits]bool)
	for _, t := range r.Tags {
		sizes[t.Poll] += nameBytes(t)
		if !seen[t.Traits] {
			seen[t.Traits] = true
			sizes[t.Poll] += traitsBytes(t.Traits)
		}
	}
	for _, n := range sizes {
		if n > mostGroupBytes {
			r.s.Problemf("tags", "%s: the names, units, labels and enumerations of its tags take %d MB, at most %d are possible: "+
				"shorten them, or split it into two devices", r.s.What, n>>20, mostGroupBytes>>20)
			return
		}
	}
}

// nameBytes is what t takes by itself: its name is its field, too.
func nameBytes(t *mapping.Tag) int { return 2*len(t.Name) + 8 }

func traitsBytes(t *mapping.Traits) int {
	n := len(t.Unit) + 8
	for _, l := range t.Labels {
		n += len(l.Name) + len(l.Value) + 4
	}
	for _, e := range t.Enum {
		n += len(e.Text) + 12
	}
	return n
}
