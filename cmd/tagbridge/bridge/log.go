package bridge

import (
	"context"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
	"tagbridge/sinks/journal"
)

// sampleLog is the log between lanes and sinks, as far as the bridge asks anything of it. It is a journal today; what else
// keeps samples, as a stream that several bridges share, implements this and is opened in openJournal.
type sampleLog interface {
	sinks.Log
	readers
	gauges
	// Append takes the samples of b; it copies what it keeps, and waits for no disk, network or sink.
	Append(b *mapping.Batch) error
	// Follow reads the newest samples, from p on, without holding anything back.
	Follow(p sinks.Pos, o sinks.Following) sinks.Follower
	// LookBack finds what it still has of the past.
	LookBack(ctx context.Context, q journal.Past) (*journal.History, error)
	SetLimits(journal.Limits)
	// Run keeps what is appended until ctx ends, and then all that is there by then.
	Run(ctx context.Context) error
	Close() error
}

// readers are the places of sinks in a log.
type readers interface {
	// Start says that a sink is there, and returns where it is to read on, and whether it is owed the present values.
	Start(sink, from string) (p sinks.Pos, owed bool)
	// Back says that its forwarder has ended: what that was given and did not deliver waits again, or is lost.
	Back(sink string)
	// Leave says that it is not there any more.
	Leave(sink string)
	Owe(sink string)
	Settle(sink string)
}

// gauges are what a log shows of itself.
type gauges interface {
	Stat() []sinks.Backlog // by sink
	Waiting(reader string) (sinks.Backlog, bool)
	LastRead() time.Time // when the newest sample was read that was there when the log was opened
	Bytes() int64
	Failing() error // why it keeps samples in memory only; nil when it does not
}

var _ sampleLog = (*journal.Journal)(nil)

// End is the position after the last sample that sinks and followers can see by now.
func (b *Bridge) End() sinks.Pos { return b.journal.End() }

// Follow reads the newest samples from p on, without holding anything back: what followed the values that Tags yields is
// found from an End before on.
func (b *Bridge) Follow(p sinks.Pos, o sinks.Following) sinks.Follower { return b.journal.Follow(p, o) }
