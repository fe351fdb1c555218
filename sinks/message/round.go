package message

import (
	"tagbridge/mapping"
	"tagbridge/sinks/encode"
)

// round is a run with its rest from further on in the view. See the package's words.
type round struct {
	taken  []int         // of each batch: samples at its beginning that were joined to a run before it
	all    mapping.Batch // the run and the rest
	joined int           // samples of the rest; 0: the run is alone
	print  uint64        // tells them from others
}

func (r *round) begin(batches int) {
	if cap(r.taken) < batches {
		r.taken = make([]int, batches)
	}
	r.taken = r.taken[:batches]
	clear(r.taken)
	r.joined = 0
}

// passed is how many samples at the beginning of batch i are in a message already.
func (r *round) passed(i int) int {
	if i < len(r.taken) {
		return r.taken[i]
	}
	return 0
}

// join makes c.round of the run of n samples that comes next and the rest of its time; false: there is no rest.
func (c *Cutter) join(n int) bool {
	r := &c.round
	r.joined, r.print = 0, 0
	b := &c.v.Batches[c.batch]
	if !c.format.many || c.at+n < len(b.Samples) || n >= len(b.Group.Series) || len(c.names.list) > 1 ||
		c.format.fit(part(b, c.at, c.at+n)) < n {
		return false
	}
	for k := c.batch + 1; k < len(c.v.Batches) && k <= c.batch+encode.JoinLook; k++ {
		next := &c.v.Batches[k]
		if next.Group != b.Group {
			continue
		}
		to := r.taken[k] + c.sameTime(next, r.taken[k], b.Samples[c.at].Time)
		if to == r.taken[k] {
			break
		}
		if r.joined == 0 {
			r.all.Reset(b.Group)
			encode.AppendSamples(&r.all, b, b.Samples[c.at:c.at+n])
		}
		encode.AppendSamples(&r.all, next, next.Samples[r.taken[k]:to])
		fit := c.runs.Len(r.all.Samples, len(b.Group.Series)) // a message has each series once
		to -= len(r.all.Samples) - fit
		r.all.Samples = r.all.Samples[:fit]
		r.joined, r.taken[k] = fit-n, to
		if to < len(next.Samples) {
			break
		}
	}
	if r.joined > 0 {
		r.print = printOf(r.all.Samples[n:])
	}
	return r.joined > 0
}

// printOf tells samples from others.
func printOf(samples []mapping.Sample) uint64 {
	h := uint64(14695981039346656037) // FNV-1a, of a sample at a time
	for i := range samples {
		h = (h ^ uint64(samples[i].Index)<<48 ^ samples[i].Bits) * 1099511628211
	}
	return h
}

// sameTime is how many samples of b, from the index on, are of that time and fit the format.
func (c *Cutter) sameTime(b *mapping.Batch, from int, time int64) int {
	to := from
	for to < len(b.Samples) && b.Samples[to].Time == time {
		to++
	}
	if to == from {
		return 0
	}
	return c.format.fit(part(b, from, to))
}
