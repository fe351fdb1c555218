package message

import (
	"cmp"
	"slices"

	"tagbridge/mapping"
)

// run is samples of one device and time on their way into messages, one for each topic.
type run struct {
	rest   []mapping.Sample // not in a message yet, those of one topic side by side
	plain  bool             // rest is a part of the view: else samples of it were sorted, or joined
	size   int              // samples of the view from its beginning that are in it
	names  *groupTopics
	sorted []mapping.Sample
}

// begin makes samples, which are a part of the view, the run.
func (r *run) begin(samples []mapping.Sample, names *groupTopics) {
	r.rest, r.plain, r.size, r.names = samples, true, len(samples), names
	if len(samples) == 1 || len(names.list) == 1 {
		return
	}
	last := names.number(samples[0].Index)
	for i := range samples {
		n := names.number(samples[i].Index)
		if n < last {
			r.sort(samples)
			return
		}
		last = n
	}
}

// join makes samples, which have one topic, the run: the first size of them are side by side in the view.
func (r *run) join(samples []mapping.Sample, size int, names *groupTopics) {
	r.rest, r.plain, r.size, r.names = samples, false, size, names
}

// sort puts the samples of each topic side by side. Where each topic has one, they are so already.
func (r *run) sort(samples []mapping.Sample) {
	if r.names.of == nil {
		return
	}
	r.sorted = append(r.sorted[:0], samples...)
	slices.SortStableFunc(r.sorted, func(a, b mapping.Sample) int {
		return cmp.Compare(r.names.number(a.Index), r.names.number(b.Index))
	})
	r.rest, r.plain = r.sorted, false
}

// next is the samples at the beginning of rest that have one topic.
func (r *run) next() []mapping.Sample {
	topic := r.names.number(r.rest[0].Index)
	for i := range r.rest {
		if r.names.number(r.rest[i].Index) != topic {
			return r.rest[:i]
		}
	}
	return r.rest
}
