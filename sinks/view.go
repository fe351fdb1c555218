package sinks

import "tagbridge/mapping"

// View is samples on their way to one sink, in journal order. It owns its memory and is reused; what is in it is valid
// until it is reset.
type View struct {
	Batches []mapping.Batch // a batch's Samples and Blob are parts of the view's own memory
	samples int
}

// Len is how many samples v holds.
func (v *View) Len() int { return v.samples }
