package probe

import (
	"encoding/binary"
	"slices"

	"tagbridge/mapping"
	"tagbridge/mapping/dump"
)

// memory is the registers of one unit at one time, as runs of addresses that touch no other.
type memory [4][]run

// run is a run of addresses. raw is as on the wire, two bytes a register; of tables of bits there is none.
type run struct {
	first int
	raw   []byte
}

func (r *run) end() int { return r.first + len(r.raw)/2 }

// newMemory makes the memory of unit of what s holds.
func newMemory(s *dump.Snapshot, unit int) *memory {
	var areas [4][]*dump.Area
	for i := range s.Areas {
		if a := &s.Areas[i]; a.Unit == unit && !a.Table.IsBits() && len(a.Values) > 0 {
			areas[a.Table] = append(areas[a.Table], a)
		}
	}
	m := new(memory)
	for t, list := range areas {
		slices.SortStableFunc(list, func(a, b *dump.Area) int { return a.First - b.First })
		for _, a := range list {
			m.add(mapping.Table(t), a)
		}
	}
	return m
}

// add puts a after, or over the end of, what is there.
func (m *memory) add(t mapping.Table, a *dump.Area) {
	raw := make([]byte, 0, 2*len(a.Values))
	for _, v := range a.Values {
		raw = binary.BigEndian.AppendUint16(raw, v)
	}
	runs := m[t]
	if n := len(runs); n > 0 && a.First <= runs[n-1].end() {
		last := &runs[n-1]
		at := 2 * (a.First - last.first)
		over := copy(last.raw[at:], raw)
		last.raw = append(last.raw, raw[over:]...)
		return
	}
	m[t] = append(runs, run{first: a.First, raw: raw})
}

// find is the bytes of count registers from first on; nil: not all of them were read.
func (m *memory) find(t mapping.Table, first, count int) []byte {
	runs := m[t]
	at, found := slices.BinarySearchFunc(runs, first, func(r run, first int) int { return r.first - first })
	if !found {
		at--
	}
	if at < 0 || first+count > runs[at].end() {
		return nil
	}
	from := 2 * (first - runs[at].first)
	return runs[at].raw[from : from+2*count]
}
