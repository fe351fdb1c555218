package encode

import (
	"math"
	"strconv"
	"time"

	"tagbridge/mapping"
)

// LineOptions says how line protocol is written.
type LineOptions struct {
	Narrow    bool          // one line a sample instead of one a device, label set and time
	Precision time.Duration // unit of the times: 1 ns (also when 0), 1 µs, 1 ms or 1 s
	Unsigned  bool          // write unsigned integers of 64 bits as such
	Integers  bool          // integers of fewer bits are integer fields, too
}

// Line writes samples in InfluxDB's line protocol.
//
// Numbers are float fields, but integers of 64 bits, and with Integers all others, which are integer fields; booleans and strings are what they are.
// The wide layout has a field for every tag, and TAG.quality for samples whose quality must be shown, TAG.text for
// enumerations; the narrow one has the fields value, value_int, value_bool or value_text, quality, and text for
// enumerations. A bad sample has no value.
type Line struct {
	o      LineOptions
	groups mapping.PerGroup[*lineGroup]
	make   func(*mapping.Group) *lineGroup
	sort   sorter
	keys   []byte // memory for prepare
}

// NewLine makes an encoder.
func NewLine(o LineOptions) *Line {
	if o.Precision <= 0 {
		o.Precision = time.Nanosecond
	}
	l := &Line{o: o}
	l.make = l.prepare
	return l
}

// Wide reports that samples of one time share a line.
func (l *Line) Wide() bool { return !l.o.Narrow }

// Append appends the samples of b as lines. One that Check rejects is left out.
func (l *Line) Append(dst []byte, b *mapping.Batch) []byte {
	p := l.groups.Lookup(b.Group, l.make)
	if !p.wide {
		return l.appendNarrow(dst, p, b)
	}
	unit := int64(l.o.Precision)
	for samples := l.sort.byTime(b.Samples, unit); len(samples) > 0; {
		n := l.sort.sameTime(samples, unit, len(p.series))
		run, at := samples[:n], samples[0].Time/unit
		samples = samples[n:]
		if len(p.sets) > 1 {
			run = l.sort.bySet(run, p)
		}
		for len(run) > 0 {
			n := p.sameSet(run)
			dst = l.appendWide(dst, p, &mapping.Batch{Group: b.Group, Samples: run[:n], Blob: b.Blob}, at)
			run = run[n:]
		}
	}
	return dst
}

// Check is the place of the first sample of b that line protocol cannot hold, else len(b.Samples): an unsigned
// integer over 2^63-1, unless those are written as such.
func (l *Line) Check(b *mapping.Batch) int {
	if l.o.Unsigned || !l.groups.Lookup(b.Group, l.make).big {
		return len(b.Samples)
	}
	for i := range b.Samples {
		if tooBig(&b.Samples[i]) {
			return i
		}
	}
	return len(b.Samples)
}

// Unfit is the places of the samples that line protocol cannot hold, counted over all of list; nil: there are none.
func (l *Line) Unfit(list []mapping.Batch) (places []int) {
	before := 0
	for i := range list {
		b := &list[i]
		for at := l.Check(b); at < len(b.Samples); at++ {
			if tooBig(&b.Samples[at]) {
				places = append(places, before+at)
			}
		}
		before += len(b.Samples)
	}
	return places
}

func tooBig(s *mapping.Sample) bool { return s.Kind == mapping.Uint64 && s.Bits > math.MaxInt64 }

// appendWide appends the samples of b, which are of one label set, as one line with that time.
func (l *Line) appendWide(dst []byte, p *lineGroup, b *mapping.Batch, at int64) []byte {
	start := len(dst)
	dst = append(dst, p.sets[p.series[b.Samples[0].Index].set].head...)
	fields := len(dst)
	for i := range b.Samples {
		s := &b.Samples[i]
		key := p.key(s.Index)
		if l.holds(s) {
			dst = append(dst, key...)
			dst = l.appendValue(dst, p, b, s)
			dst = append(dst, ',')
			if p.series[s.Index].enum {
				if text := enumText(b.Group.Series[s.Index], s); text != "" {
					dst = append(dst, key[:len(key)-1]...)
					dst = append(dst, ".text="...)
					dst = appendLineString(dst, text)
					dst = append(dst, ',')
				}
			}
		}
		if s.Flags&mapping.ShowQuality != 0 || s.Quality.Base() != mapping.Good {
			dst = append(dst, key[:len(key)-1]...)
			dst = append(dst, `.quality="`...)
			dst = append(dst, s.Quality.String()...)
			dst = append(dst, `",`...)
		}
	}
	if len(dst) == fields {
		return dst[:start]
	}
	dst[len(dst)-1] = ' '
	dst = strconv.AppendInt(dst, at, 10)
	return append(dst, '\n')
}

// holds reports whether s has a value that can be written.
func (l *Line) holds(s *mapping.Sample) bool {
	return s.Kind != mapping.None && s.IsFinite() && (l.o.Unsigned || !tooBig(s))
}

// appendValue appends the value of a sample that holds one.
func (l *Line) appendValue(dst []byte, p *lineGroup, b *mapping.Batch, s *mapping.Sample) []byte {
	switch s.Kind {
	case mapping.Bool:
		return append(dst, boolText(s)...)
	case mapping.Text:
		return appendLineString(dst, b.Text(s))
	case mapping.Int64:
		return append(strconv.AppendInt(dst, int64(s.Bits), 10), 'i')
	case mapping.Uint64:
		return append(strconv.AppendUint(dst, s.Bits, 10), l.unsigned())
	}
	if l.o.Integers {
		switch s.Kind {
		case mapping.Int:
			return append(strconv.AppendInt(dst, int64(s.Bits), 10), 'i')
		case mapping.Uint:
			return append(strconv.AppendUint(dst, s.Bits, 10), l.unsigned())
		}
	}
	return mapping.AppendNumber(dst, s, p.series[s.Index].exp)
}

// unsigned is what is written after an unsigned integer.
func (l *Line) unsigned() byte {
	if l.o.Unsigned {
		return 'u'
	}
	return 'i'
}
