package mqtt

import (
	"tagbridge/mapping"
	"tagbridge/sinks/encode"
)

// round puts into one message what was read in one round but stands apart, as the answers of other devices came in
// between. A message is acknowledged as its first samples are, and the others when their turn comes: should the
// connection be lost in between, they are sent again.
type round struct {
	taken  []int // of each batch: samples at its beginning that have come forward
	joined mapping.Batch
	extra  int    // samples that came forward to the present run
	print  uint64 // tells these from others
}

func (r *round) begin(batches int) {
	if cap(r.taken) < batches {
		r.taken = make([]int, batches)
	}
	r.taken = r.taken[:batches]
	clear(r.taken)
	r.extra = 0
}

// of is how many samples at the beginning of batch i have come forward.
func (r *round) of(i int) int {
	if i < len(r.taken) {
		return r.taken[i]
	}
	return 0
}

// join makes r.joined of the run of n samples at f.at, and of those of its time that are further on, if there are any.
func (r *round) join(f *feed, n int) {
	r.extra, r.print = 0, 0
	b := &f.v.Batches[f.batch]
	if !f.grouped || f.at+n < len(b.Samples) || n >= len(b.Group.Series) || len(f.topics.list) > 1 {
		return
	}
	if f.line != nil && f.line.Check(&mapping.Batch{Group: b.Group, Samples: b.Samples[f.at : f.at+n], Blob: b.Blob}) < n {
		return
	}
	at := b.Samples[f.at].Time
	for k := f.batch + 1; k < len(f.v.Batches) && k <= f.batch+encode.JoinLook; k++ {
		next := &f.v.Batches[k]
		if next.Group != b.Group {
			continue
		}
		from := r.taken[k]
		to := from + f.sameRound(next, from, at)
		if to == from {
			return
		}
		if r.extra == 0 {
			r.joined.Reset(b.Group)
			encode.AppendSamples(&r.joined, b, b.Samples[f.at:f.at+n])
		}
		encode.AppendSamples(&r.joined, next, next.Samples[from:to])
		all := r.joined.Samples
		fit := f.runs.Len(all, len(b.Group.Series)) // a message has each series once
		r.joined.Samples = all[:fit]
		to -= len(all) - fit
		r.extra = fit - n
		r.taken[k] = to
		r.print = printOf(r.joined.Samples[n:])
		if to < len(next.Samples) {
			return
		}
	}
}

// printOf tells samples from others.
func printOf(samples []mapping.Sample) uint64 {
	h := uint64(14695981039346656037) // FNV-1a, of a sample at a time
	for i := range samples {
		h = (h ^ uint64(samples[i].Index)<<48 ^ samples[i].Bits) * 1099511628211
	}
	return h
}

// sameRound is how many samples of b, from the index on, are of that time and can be written.
func (f *feed) sameRound(b *mapping.Batch, from int, at int64) int {
	n := 0
	for _, s := range b.Samples[from:] {
		if s.Time != at {
			break
		}
		n++
	}
	if n > 0 && f.line != nil {
		n = f.line.Check(&mapping.Batch{Group: b.Group, Samples: b.Samples[from : from+n], Blob: b.Blob})
	}
	return n
}
