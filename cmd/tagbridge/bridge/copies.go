package bridge

import (
	"context"
	"time"

	"tagbridge/sinks"
	"tagbridge/sinks/journal"
)

// Copies are what other machines have of what a bridge has read and not delivered. Its methods are safe for concurrent use; only Begin and
// Finish wait.
type Copies interface {
	// Begin begins to copy. It is called once, when all sinks have their places in log.
	Begin(log CopiedLog)
	// State is how far that is.
	State() CopyState
	// Finish is called when nothing is appended any more and all sinks have stopped. It copies the rest, as far as that is possible before ctx
	// ends, and ends copying.
	Finish(ctx context.Context)
}

// CopiedLog is a log that can be copied.
type CopiedLog interface {
	Tap(p sinks.Pos) *journal.Tap
	Identity() (journal.Identity, error)
	Branch() (journal.Identity, error)
	Opened() sinks.Pos
	End() sinks.Pos
	Places(yield func(sink string, p sinks.Pos))
}

// CopyState is how far the copy of a log is.
type CopyState struct {
	Stream  string            // where it is
	Copied  sinks.Pos         // what is before it is there
	Behind  uint64            // samples that are not there, and that some sink still needs
	Age     time.Duration     // about how long ago the oldest of them was read; 0: there is none
	Samples uint64            // copied since the start
	Bytes   uint64            // that they took
	Missed  map[string]uint64 // samples that could not be copied, by reason, since the start
	Error   string            // why it does not get on; "": it does
	Since   time.Time         // since when that is so; zero: neither is known yet
	Cursors string            // why others do not know where the sinks are; "": they do
}

// Copied is how far what others have of this bridge's log is; false: they have nothing.
func (b *Bridge) Copied() (s CopyState, ok bool) {
	if b.o.Copies == nil {
		return s, false
	}
	return b.o.Copies.State(), true
}

// beginCopies is called when sinks have their places.
func (b *Bridge) beginCopies() {
	if log, ok := b.journal.(CopiedLog); ok && b.o.Copies != nil {
		b.o.Copies.Begin(log)
	}
}

// copyTime is how long the rest may take to be copied at a stop.
const copyTime = time.Second

// finishCopies is called when all sinks have stopped.
func (b *Bridge) finishCopies() {
	if b.o.Copies == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), copyTime)
	defer cancel()
	b.o.Copies.Finish(ctx)
}
