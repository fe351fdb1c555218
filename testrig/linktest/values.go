package linktest

import (
	"strconv"

	"tagbridge/drivers"
	"tagbridge/mapping"
)

// number is the value of s, a sample of b.
func (r *rig) number(b *mapping.Batch, s *mapping.Sample) int {
	r.Helper()
	text := mapping.AppendJSONNumber(nil, s, b.Group.Series[s.Index].Exp)
	n, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		r.Fatalf("tag %d: %s is no number", s.Index, text)
	}
	return int(n)
}

// bad stands for a value that is bad.
const bad = -1

// note looks at the samples of j that were appended from the index on: values never go back, as they only grow.
func (r *rig) note(j *drivers.Job, b *mapping.Batch, from int) {
	r.Helper()
	k := r.known(j)
	for i := range b.Samples[from:] {
		s := &b.Samples[from+i]
		if s.Quality.IsBad() {
			k.now[s.Index] = bad
			continue
		}
		n := r.number(b, s)
		if n < k.least[s.Index] || n > r.now {
			r.Fatalf("tag %d is %d after it was %d, and is %d", s.Index, n, k.least[s.Index], r.now)
		}
		k.now[s.Index], k.least[s.Index] = n, n
	}
}

// known is what the link has said of a job's tags, by index.
type known struct {
	now   []int // present values; 0: not read yet
	least []int // the last good values
}

func (r *rig) known(j *drivers.Job) *known {
	if r.seen[j] == nil {
		n := len(j.Current().Series)
		r.seen[j] = &known{make([]int, n), make([]int, n)}
	}
	return r.seen[j]
}

// last are the present values of j, by index.
func (r *rig) last(j *drivers.Job) []int { return r.known(j).now }
