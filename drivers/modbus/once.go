package modbus

import (
	"context"
	"errors"

	"tagbridge/drivers"
	"tagbridge/mapping"
)

// ReadOnce makes one round of j over an open link, repeating what is not answered as often as j's device says, and
// appends to b a sample for every tag of its group. The raw bytes and the reasons of single tags are then j.Work's to
// tell. An error is that of the unit or the link: tags not read by then are bad with its quality.
func ReadOnce(ctx context.Context, link drivers.Link, j *drivers.Job, b *mapping.Batch) error {
	first := len(b.Samples)
	retries := j.Device.Retries
	for step := 0; ; {
		next, err := link.Do(ctx, j, step, b)
		silent, ok := errors.AsType[*drivers.NoAnswer](err)
		switch {
		case err == nil && next == 0:
			return nil
		case err == nil:
			step = next
		case ok && retries > 0:
			retries--
		case ok:
			failRest(j, silent.Quality, first, b)
			return err
		default:
			failRest(j, mapping.BadNotConnected, first, b)
			return err
		}
	}
}

// failRest appends a sample of quality q for every tag of j that has none among b's from the index first on.
func failRest(j *drivers.Job, q mapping.Quality, first int, b *mapping.Batch) {
	read := make([]bool, len(j.Group.Series))
	for _, s := range b.Samples[first:] {
		read[s.Index] = true
	}
	for i, ok := range read {
		if !ok {
			appendBad(b, uint16(i), q)
		}
	}
}
