package dump

import (
	"fmt"
	"strconv"
	"time"
)

// inLine is how many values a line has at most: what a person can still look through.
const (
	registersInLine = 16
	bitsInLine      = 64
)

// Append appends d to dst as Parse reads it.
func Append(dst []byte, d *Dump) []byte {
	for i := range d.Snapshots {
		dst = AppendSnapshot(dst, &d.Snapshots[i])
	}
	return dst
}

// AppendSnapshot appends s to dst, to go on after earlier ones.
func AppendSnapshot(dst []byte, s *Snapshot) []byte {
	if !s.Time.IsZero() {
		dst = append(dst, "@ "...)
		dst = s.Time.UTC().AppendFormat(dst, time.RFC3339Nano)
		if s.Took > 0 {
			dst = append(dst, ' ')
			dst = append(dst, s.Took.String()...)
		}
		dst = append(dst, '\n')
	}
	for i := range s.Areas {
		dst = appendArea(dst, &s.Areas[i])
	}
	for _, r := range s.Refusals {
		dst = fmt.Appendf(dst, "%d %s %d", r.Unit, r.Table, r.First)
		if r.Last != r.First {
			dst = fmt.Appendf(dst, "-%d", r.Last)
		}
		if r.Exception == 0 {
			dst = append(dst, " silent\n"...)
			continue
		}
		dst = fmt.Appendf(dst, " exception %d\n", r.Exception)
	}
	return dst
}

func appendArea(dst []byte, a *Area) []byte {
	size := registersInLine
	if a.Table.IsBits() {
		size = bitsInLine
	}
	for at := 0; at < len(a.Values); at += size {
		dst = fmt.Appendf(dst, "%d %s %d ", a.Unit, a.Table, a.First+at)
		for i, v := range a.Values[at:min(at+size, len(a.Values))] {
			if a.Table.IsBits() {
				dst = strconv.AppendUint(dst, uint64(v&1), 10)
				continue
			}
			if i > 0 {
				dst = append(dst, ' ')
			}
			dst = fmt.Appendf(dst, "%04X", v)
		}
		dst = append(dst, '\n')
	}
	return dst
}
