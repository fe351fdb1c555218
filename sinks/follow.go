package sinks

import (
	"context"
	"time"
)

// Following says what a Follower is to see. The zero value is everything, as soon as it is there.
type Following struct {
	Match *Match        // which samples; nil: all. It is the follower's own from then on: see Match.Clone
	Max   int           // about how many samples at a time, matching or not; 0: 5000
	Flush time.Duration // how long to wait for more after the first has come; 0: not at all
	// Most is how many samples, matching or not, it may be late: what is older is missed, so that who is slow sees what
	// is new. 0: as many as the log has in memory, which it keeps a few megabytes of while there are followers.
	Most int
}

// A Follower reads the newest samples of a log, for people who look on and for what is computed from them. Unlike a sink
// it has no place in the log: it holds nothing back, neither the appending nor the removing of what it has not read. It is
// for one goroutine at a time.
type Follower interface {
	// Next resets v and fills it, in order, with samples that were not read yet, of those that a sink could see. It waits
	// for the first that matches. View.Lost is how many samples, matching or not, were gone before those of v; when what
	// comes then does not match, v may hold none. It returns ctx's error when that ends, and the log's when that is closed;
	// what there is to read is then left, and Next may be called again.
	Next(ctx context.Context, v *View) error
	// Position is the position after the last sample looked at: to follow on from there with another follower.
	Position() Pos
	// Close ends the following. No call of Next is under way, or comes later.
	Close() error
}
