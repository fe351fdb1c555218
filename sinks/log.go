// Package sinks decides how samples are delivered. A Forwarder takes them from the Log for one Sink: it batches,
// retries, splits what is too large, finds what is refused and sets it aside, and moves the sink's position when the
// Sink has acknowledged. It never reads a device, and no sink knows of another.
package sinks

import (
	"context"
	"time"
)

// Pos counts samples in the log: the position of the next sample to be appended, or to be read by a sink. Positions
// are never reused.
type Pos uint64

// Query says what Next is to wait for.
type Query struct {
	Sink  string        // whose reading this is: what is lost before it was read is counted for it
	Match *Match        // which samples; nil: all
	Max   int           // return at once when this many are there, matching or not; at least 1
	Flush time.Duration // else return what there is so long after the first that matches came; 0: at once, even nothing
}

// Log is where a Forwarder takes samples from. Its methods are safe for concurrent use.
type Log interface {
	// Next resets v and fills it, in order, with at most about q.Max of the samples from p on that q.Match takes. It
	// returns the position behind the last one looked at: with none that match, v is empty and the position has
	// moved on. It blocks as q says, and returns ctx's error when that ends first. Samples that are gone are
	// skipped and counted: see View.Lost.
	Next(ctx context.Context, p Pos, q Query, v *View) (Pos, error)
	// Ack says that the named sink needs nothing before p again, and what it has dealt with since the last Ack. Both
	// survive a restart as soon as the log can make them, together.
	Ack(sink string, p Pos, dealt Dealt) error
	// End is the position behind the last sample that Next could return by now.
	End() Pos
}

// Reckoner is the name of a reader of the log that is no sink: what windows, totals and alarms are reckoned with. Like a sink it
// has a place there; no sink can have its name.
const Reckoner = "_reckoner"

// Backlog is what waits in a log for one sink.
type Backlog struct {
	Sink    string
	Samples uint64            // that it may still get, whether they match or not
	Bytes   int64             // the same in bytes of the log
	Age     time.Duration     // how long ago the oldest of them was read; 0: there is none
	Away    bool              // it is not in the configuration
	Dropped map[string]uint64 // samples it did not get, by reason, since the log was opened
	Ever    Ever
}
