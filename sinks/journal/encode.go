package journal

import (
	"fmt"
	"slices"
	"sync"

	"tagbridge/mapping"
)

// encoder holds a record while it is made, outside of any lock.
type encoder struct{ record []byte }

var encoders = sync.Pool{New: func() any { return new(encoder) }}

// put gives e back; what one huge text needed is not kept.
func (e *encoder) put() {
	if cap(e.record) <= 4*chunkSize {
		encoders.Put(e)
	}
}

// encode makes one record of samples, which are of b. It has no position yet.
func (e *encoder) encode(b *mapping.Batch, samples []mapping.Sample) error {
	e.record = slices.Grow(e.record[:0], headerSize)[:headerSize]
	record, err := appendSamples(e.record, b, samples)
	e.record = record
	if err != nil {
		return err
	}
	if size := len(record) - headerSize; size > maxPayload {
		return fmt.Errorf("append a record of %d bytes: the most is %d", size, maxPayload)
	}
	seal(record, typeSamples, len(samples))
	return nil
}

// recordSamples is how many of samples, which are of b, go into the next record.
func recordSamples(b *mapping.Batch, samples []mapping.Sample) int {
	n := min(len(samples), maxSamples)
	if len(b.Blob) == 0 {
		return n
	}
	const much = 1 << 20
	text := 0
	for i := range n {
		if samples[i].Kind != mapping.Text {
			continue
		}
		if text += int(uint32(samples[i].Bits)); text > much {
			return max(i, 1)
		}
	}
	return n
}
