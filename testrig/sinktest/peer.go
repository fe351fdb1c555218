package sinktest

import "tagbridge/sinks"

// Peer is what a sink delivers to, in a test's hands. It is well at first, and has taken nothing. Its functions are called
// by one goroutine at a time, and beside the sink.
type Peer struct {
	// Open makes a sink that delivers to it. Whatever bounds the sink's waiting must be an hour or more where only the end
	// of a context is to end it, and what the sink waits between connections nothing.
	Open func() (sinks.Sink, error)
	// Taken is what it has taken for good, in that order: what came twice is there twice. What was acknowledged must be
	// there before the sink can know.
	Taken func() ([]Sample, error)
	// Silence has it answer nothing from now on, after a few samples or none. reached is closed once something waits for
	// an answer.
	Silence func() (reached <-chan struct{})
	// Falter has it fail now and then from now on, in all ways it can, and take much in between; nil: it cannot.
	Falter func()
	// Refuse has it refuse the samples of that tag, and take all others; nil: it cannot.
	Refuse func(tag string)
	// Recover makes it well again, and ends what still waits.
	Recover func()
	// Close ends it.
	Close func()
}

// Sample is a sample as it arrived.
type Sample struct {
	Device, Tag string
	Time        int64  // nanoseconds since 1970 UTC
	Value       string // see Value
}
