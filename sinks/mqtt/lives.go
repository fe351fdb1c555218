package mqtt

import (
	"fmt"
	"time"

	"tagbridge/sinks"
)

// shortLife is how long a connection lives at least that the broker does not end soon after it was made.
const shortLife = 10 * time.Second

// rests are the pauses before a connection is made again that the broker has ended soon after it was made.
type rests struct {
	first, last time.Duration // each is twice as long as the one before it
	suspect     time.Duration // when a message is suspected
}

// defaultRests makes at most three connections in ten seconds, and two clients that throw each other out do not fight for
// ever.
var defaultRests = rests{first: 2 * time.Second, last: 60 * time.Second, suspect: 3400 * time.Millisecond}

// lives is how long the connections to the broker have lived. A connection that ends after a while is made again at once:
// many a peer closes idle ones.
type lives struct {
	rests
	client string    // its identifier
	began  time.Time // when the last connection was made
	short  int       // connections in a row that the broker ended soon
	pause  time.Duration
	until  time.Time // not connected again before
	why    error     // how the last one ended
}

// begin notes that a connection was made.
func (l *lives) begin(now time.Time) { l.began = now }

// end notes that the broker has ended the connection because of err. A life counts as short until it is longer than the
// pause that was made before it, too: of two clients of one identifier each lives as long as the other one waits.
func (l *lives) end(now time.Time, err error) {
	l.why = err
	if now.Sub(l.began) >= max(shortLife, 2*l.pause) {
		l.short, l.pause = 0, 0
		return
	}
	l.short++
	l.pause = min(max(2*l.pause, l.first), l.last)
	l.until = now.Add(l.pause)
}

// endSuspect is end of a connection that a message is suspected of: this is no fight, and the pause does not grow.
func (l *lives) endSuspect(now time.Time, err error) {
	l.why, l.until = err, now.Add(l.suspect)
}

// wait is nil when a connection may be made now, else a fault with how long not.
func (l *lives) wait(now time.Time) error {
	left := l.until.Sub(now)
	if left <= 0 {
		return nil
	}
	err := l.why
	if l.short >= 2 {
		err = fmt.Errorf("thrown out again right after connecting, %d times in a row (%w): does another client use client_id %s?",
			l.short, err, l.client)
	}
	return &sinks.Fault{Action: sinks.Retry, After: left, Err: err}
}
