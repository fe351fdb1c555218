package drivers

import (
	"context"
	"errors"

	"tagbridge/mapping"
)

// ReadOnce makes one round of j over an open link, repeating what is not answered as often as j's device says, and
// appends to b a sample for every tag of its group. The raw bytes and the reasons of single tags are then j.Work's to
// tell. An error is that of the unit or the link: tags not read by then are bad with its quality.
func ReadOnce(ctx context.Context, link Link, j *Job, b *mapping.Batch) error {
	first := len(b.Samples)
	misses := 0 // in a row
	for step := 0; ; {
		next, err := link.Do(ctx, j, step, b)
		silent, ok := errors.AsType[*NoAnswer](err)
		answered := err == nil || ok && silent.Alone
		switch {
		case answered && next == 0:
			return nil
		case answered:
			step, misses = next, 0
		case ok && misses < tries(silent, j.Device.Retries):
			misses++
		case ok:
			failRest(j, silent.Quality, first, b)
			return err
		default:
			failRest(j, mapping.BadNotConnected, first, b)
			return err
		}
	}
}

// tries is how often to repeat what was not answered: once more than retries of none, where that asks something else.
func tries(silent *NoAnswer, retries int) int {
	if silent.Retry == RetryOther {
		return max(retries, 1)
	}
	return retries
}

// failRest appends a sample of quality q for every tag of j that has none among b's from the index first on.
func failRest(j *Job, q mapping.Quality, first int, b *mapping.Batch) {
	read := make([]bool, len(j.Current().Series))
	for _, s := range b.Samples[first:] {
		read[s.Index] = true
	}
	for i, ok := range read {
		if !ok {
			b.Samples = append(b.Samples, mapping.Sample{Quality: q, Index: uint16(i)})
		}
	}
}
