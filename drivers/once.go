package drivers

import (
	"context"
	"errors"
	"time"

	"tagbridge/mapping"
)

// ReadOnce makes one round of j over an open link, repeating what is not answered as often as j's device says, and
// appends to b a sample for every tag of its group. The raw bytes and the reasons of single tags are then j.Work's to
// tell. An error is that of the unit or the link: tags not read by then are bad with its quality.
func ReadOnce(ctx context.Context, link Link, j *Job, b *mapping.Batch) error {
	o := once{job: j, batch: b, first: len(b.Samples)}
	for {
		if more, err := o.turn(ctx, link); !more {
			if err == nil && j.Compute != nil {
				now := time.Now().UnixNano()
				j.Compute.take(b, o.first, now)
				j.Compute.finish(b, now)
				j.Compute.wait(b, o.first)
			}
			return err
		}
	}
}

// once is one round of a job, an exchange a turn.
type once struct {
	job    *Job
	batch  *mapping.Batch
	first  int // of its samples
	step   int
	misses int // in a row
}

// turn makes an exchange; more is false at the end, and after an error.
func (o *once) turn(ctx context.Context, link Link) (more bool, err error) {
	next, err := link.Do(ctx, o.job, o.step, o.batch)
	silent, ok := errors.AsType[*NoAnswer](err)
	answered := err == nil || ok && silent.Alone
	switch {
	case answered && next == 0:
		return false, nil
	case answered:
		o.step, o.misses = next, 0
	case ok && o.misses < tries(silent, o.job.Device.Retries):
		o.misses++
	case ok:
		failRest(o.job, silent.Quality, o.first, o.batch)
		return false, err
	default:
		failRest(o.job, mapping.BadNotConnected, o.first, o.batch)
		return false, err
	}
	return true, nil
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
