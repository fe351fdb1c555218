package encode

import "tagbridge/mapping"

// JoinLook is how many batches further on the rest of a round is looked for.
const JoinLook = 64

// Join puts together what was read in one round but stands apart: of a round that takes longer than the journal waits, the
// answers of other devices come in between. Samples of a group come forward to those of the same time; of each series the
// order stays. The zero value is ready.
type Join struct {
	taken  []int // of each batch: samples at its beginning that have come forward
	joined mapping.Batch
}

// Each calls yield with the samples of list. What it is called with is valid during the call.
func (j *Join) Each(list []mapping.Batch, yield func(*mapping.Batch)) {
	if cap(j.taken) < len(list) {
		j.taken = make([]int, len(list))
	}
	j.taken = j.taken[:len(list)]
	clear(j.taken)
	for i := range list {
		b := &list[i]
		if j.taken[i] > 0 {
			rest := *b
			rest.Samples = b.Samples[j.taken[i]:]
			b = &rest
		}
		if len(b.Samples) == 0 {
			continue
		}
		if len(b.Samples) < len(b.Group.Series) { // else nothing is missing
			b = j.from(list, i, b)
		}
		yield(b)
	}
}

// from is b, which is at i, with what comes forward to its last time.
func (j *Join) from(list []mapping.Batch, i int, b *mapping.Batch) *mapping.Batch {
	at := b.Samples[len(b.Samples)-1].Time
	began := false
	for k := i + 1; k < len(list) && k <= i+JoinLook; k++ {
		next := &list[k]
		if next.Group != b.Group {
			continue
		}
		n := j.taken[k]
		for n < len(next.Samples) && next.Samples[n].Time == at {
			n++
		}
		if n == j.taken[k] {
			break // another round
		}
		if !began {
			j.joined.Reset(b.Group)
			AppendSamples(&j.joined, b, b.Samples)
			b, began = &j.joined, true
		}
		AppendSamples(b, next, next.Samples[j.taken[k]:n])
		if j.taken[k] = n; n < len(next.Samples) {
			break
		}
	}
	return b
}

// AppendSamples appends samples, which are of from, to b, with copies of their texts.
func AppendSamples(b, from *mapping.Batch, samples []mapping.Sample) {
	for i := range samples {
		s := samples[i]
		if s.Kind == mapping.Text {
			b.PutText(&s, from.Text(&samples[i]))
		}
		b.Samples = append(b.Samples, s)
	}
}
