// Package dump reads and writes dumps: what the registers of a device held, as text of one line a run of addresses. A
// dump is recorded by read --dump, served by sim and kept beside profiles. The package does no I/O.
//
// A line is
//
//	UNIT TABLE ADDRESS HEX…              1 holding 100 00E7 0102
//	UNIT TABLE FIRST-LAST exception N    1 holding 300-399 exception 2
//	UNIT TABLE FIRST-LAST silent         1 holding 400-403 silent
//	@ TIME [TOOK]                        @ 2026-11-29T09:00:00.5Z 35ms
//
// with the numbers of the wire, in decimal. A register is four hexadecimal digits in the order of the wire, a coil or
// discrete input a 0 or 1; what stands together, as 00E70102 or 0110, is several of them. What was refused says with which
// exception, and what was not answered says so. A line with @ begins a snapshot, taken then, in which an answer took so long: what it does not name is as in
// the one before. Lines before the first are of one whose time is not known. # begins a comment, to the end of the line.
package dump

import (
	"cmp"
	"slices"
	"time"

	"tagbridge/mapping"
)

// Dump is what a device held at some times, the earliest first.
type Dump struct {
	Snapshots []Snapshot
}

// Snapshot is what was read at one time.
type Snapshot struct {
	Time     time.Time     // zero: not known
	Took     time.Duration // how long the device took for an answer; 0: not known
	Areas    []Area
	Refusals []Refusal
}

// Area is a run of addresses that were read.
type Area struct {
	Unit   int
	Table  mapping.Table
	First  int      // on the wire
	Values []uint16 // of coils and discrete inputs 0 or 1
}

// End is the address after the last one.
func (a *Area) End() int { return a.First + len(a.Values) }

// Refusal is a run of addresses that were answered with an exception, or with exception 0 not at all.
type Refusal struct {
	Unit        int
	Table       mapping.Table
	First, Last int
	Exception   uint8
}

// Joined is s by unit, table and address, with what touches as one. It shares nothing with s. Areas must not overlap.
func (s *Snapshot) Joined() Snapshot {
	joined := Snapshot{Time: s.Time, Took: s.Took}
	areas := slices.Clone(s.Areas)
	slices.SortStableFunc(areas, func(a, b Area) int {
		return cmp.Or(a.Unit-b.Unit, cmp.Compare(a.Table, b.Table), a.First-b.First)
	})
	for _, a := range areas {
		if n := len(joined.Areas); n > 0 {
			if last := &joined.Areas[n-1]; last.Unit == a.Unit && last.Table == a.Table && last.End() == a.First {
				last.Values = append(last.Values, a.Values...)
				continue
			}
		}
		a.Values = slices.Clone(a.Values)
		joined.Areas = append(joined.Areas, a)
	}
	refusals := slices.Clone(s.Refusals)
	slices.SortStableFunc(refusals, func(a, b Refusal) int {
		return cmp.Or(a.Unit-b.Unit, cmp.Compare(a.Table, b.Table), a.First-b.First)
	})
	for _, r := range refusals {
		if n := len(joined.Refusals); n > 0 {
			last := &joined.Refusals[n-1]
			if last.Unit == r.Unit && last.Table == r.Table && last.Exception == r.Exception && last.Last+1 == r.First {
				last.Last = r.Last
				continue
			}
		}
		joined.Refusals = append(joined.Refusals, r)
	}
	return joined
}

// Units are the numbers of the units of d, in order.
func (d *Dump) Units() []int {
	var list []int
	for i := range d.Snapshots {
		for _, a := range d.Snapshots[i].Areas {
			list = append(list, a.Unit)
		}
		for _, r := range d.Snapshots[i].Refusals {
			list = append(list, r.Unit)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Registers is what the addresses from first on held in the snapshot of that number, or in an earlier one that names
// them. ok is false when one of them was never read.
func (d *Dump) Registers(snapshot, unit int, table mapping.Table, first, count int) (values []uint16, ok bool) {
	values = make([]uint16, count)
	missing := count
	known := make([]bool, count)
	for n := snapshot; n >= 0 && missing > 0; n-- {
		areas := d.Snapshots[n].Areas
		for i := len(areas) - 1; i >= 0; i-- { // the last word counts
			a := &areas[i]
			if a.Unit != unit || a.Table != table {
				continue
			}
			for at := max(first, a.First); at < min(first+count, a.End()); at++ {
				if !known[at-first] {
					known[at-first] = true
					values[at-first] = a.Values[at-a.First]
					missing--
				}
			}
		}
	}
	return values, missing == 0
}
