package encode

import (
	"cmp"
	"slices"

	"tagbridge/mapping"
)

// sorter puts samples into the order of the lines they belong to. What it returns is a part of what it was given or
// of its own memory, valid until the next call of the same method.
type sorter struct {
	times, sets []mapping.Sample // copies in order
	ends        []int32          // by label set: where its next sample goes
	seen        []uint32         // by index of series: the last round it was seen in
	round       uint32
}

// byTime is samples in the order of their times, and where those are equal as they were. A poll has them in order.
func (o *sorter) byTime(samples []mapping.Sample, unit int64) []mapping.Sample {
	for i := 1; i < len(samples); i++ {
		if samples[i].Time < samples[i-1].Time && samples[i].Time/unit != samples[i-1].Time/unit {
			o.times = append(o.times[:0], samples...)
			slices.SortStableFunc(o.times, func(a, b mapping.Sample) int { return cmp.Compare(a.Time/unit, b.Time/unit) })
			return o.times
		}
	}
	return samples
}

// sameTime is how many samples from the first on have its time, in units, and are of different series: what one line
// can hold. n is the number of series.
func (o *sorter) sameTime(samples []mapping.Sample, unit int64, n int) int {
	first := samples[0].Time
	ascending := true
	end := 1
	for end < len(samples) {
		s := &samples[end]
		if s.Time != first && s.Time/unit != first/unit {
			break
		}
		ascending = ascending && s.Index > samples[end-1].Index
		end++
	}
	if ascending {
		return end
	}
	return o.distinct(samples[:end], n)
}

// distinct is how many samples from the first on are of different series.
func (o *sorter) distinct(samples []mapping.Sample, n int) int {
	if o.round++; len(o.seen) < n || o.round == 0 {
		o.seen, o.round = make([]uint32, n), 1
	}
	for i := range samples {
		at := &o.seen[samples[i].Index]
		if *at == o.round {
			return i
		}
		*at = o.round
	}
	return len(samples)
}

// bySet is samples sorted by label set, within a set as they were.
func (o *sorter) bySet(samples []mapping.Sample, p *lineGroup) []mapping.Sample {
	o.ends = slices.Grow(o.ends[:0], len(p.sets))[:len(p.sets)]
	clear(o.ends)
	for i := range samples {
		o.ends[p.series[samples[i].Index].set]++
	}
	at := int32(0)
	for i, n := range o.ends {
		o.ends[i] = at
		at += n
	}
	o.sets = slices.Grow(o.sets[:0], len(samples))[:len(samples)]
	for i := range samples {
		end := &o.ends[p.series[samples[i].Index].set]
		o.sets[*end] = samples[i]
		*end++
	}
	return o.sets
}
