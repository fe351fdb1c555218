// Package drivers decides when to read. A Lane owns one connection and the exchanges due on it: their schedule, the
// health of the units behind it, back-off, and the table of present values. How a protocol is spoken is a Link's
// business (drivers/modbus, drivers/opcua); what becomes of the samples is the business of whoever gave the lane its
// Append.
package drivers

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"tagbridge/mapping"
)

// A Link is one connection to an endpoint. It is called only by its lane's goroutine. testrig/linktest holds each link to
// what is said here.
//
// Its calls return soon after their ctx ends, whatever the peer does, and what they were lent, ctx, batches and their
// memory, is not used after they have returned. What the peer does is at most an error: it must not make a link panic.
type Link interface {
	// Open connects. A link that is open is closed first. With an error nothing is left of the attempt, and the link is
	// closed; the lane opens it again, with growing pauses.
	Open(ctx context.Context) error
	// Do makes one exchange of j: the one numbered step of its round, 0 being the first. Rounds of several jobs may be
	// under way, their exchanges in any order. It appends to b, whose samples it otherwise leaves alone, a sample for
	// every tag that the exchange decided about, and returns the number of the exchange to make next, or 0 when the
	// round is complete: by then each tag had exactly one, or with a Waiter at most one. A round has fewer exchanges than
	// 64 and four for each tag. Samples whose Time is 0 get the lane's. A refused tag is a bad sample, not an error, and
	// costs no other tag its value; Work.Err says why. A value is never older than the call of Do that asked for it:
	// answers that come late are nobody's.
	//
	// A *NoAnswer error means that this unit did not answer; the link is still usable (one that is not at once
	// usable for others repairs itself within the next Do) unless it is Broken. Any other error means that the link is
	// unusable: the lane closes it, and asks the same again over a new one before it blames what was asked. With an
	// error, nothing of this exchange was appended, but for a NoAnswer that is Alone, which brings bad samples. ErrClosed
	// is that of a link that is not open; a job whose Work is another driver's is an error.
	Do(ctx context.Context, j *Job, step int, b *mapping.Batch) (next int, err error)
	// Close releases the connection, and whatever else an open link has: no goroutine and no descriptor is left. A closed
	// link can be closed, and opened, again.
	Close() error
}

// A Waiter is a Link that also pushes (OPC UA subscriptions): the lane waits in it instead of on its timer.
type Waiter interface {
	Link
	// Wait blocks until values were pushed or ctx ends, which is no error. Pushed values of one job are appended to b,
	// that job returned, also without samples when its Compute has something to compute; nil when ctx ended first. A tag's values come in their order, and so do those that Do brings.
	// Other errors are as of Do.
	Wait(ctx context.Context, b *mapping.Batch) (*Job, error)
}

// A Dropper is a Link that keeps something for each job, such as a subscription. Drop is called by the lane's goroutine
// when j has left the lane, and may be when the link is closed or does not know j: nothing of j comes after that.
type Dropper interface {
	Link
	Drop(j *Job)
}

// Work is a driver's own plan of a job. Its methods are safe to call at any time, by any goroutine.
type Work interface {
	// Raw appends the bytes of tag index of the job's group as they were last read from the wire; nothing before that.
	Raw(dst []byte, index int) []byte
	// Err says why tag index is bad as far as the driver knows (such as an exception, with what was asked), else "".
	Err(index int) string
}

// An Adviser is a Work that knows what an engineer can look at, or do better.
type Adviser interface {
	Work
	// Advice is what to do about tag index, which was read with quality q, or not read for this reason; "" when there is
	// nothing to say. Of a bad tag it goes on with the reason.
	Advice(index int, q mapping.Quality, reason string) string
}

// A Critic is a Work whose device can serve it worse than its maps ask for.
type Critic interface {
	Work
	// Remarks says what an engineer should know of the device as it serves these tags.
	Remarks() []string
	// Lack says what the device does not tell of tag index that the tag needs; "" when there is nothing to say.
	Lack(index int) string
}

// An Asker is a Work that knows with which request each tag is read.
type Asker interface {
	Work
	// Asked is the request that tag index is read with now, or would be; "" when that cannot be told.
	Asked(index int) string
}

// RequestError is why one request was not answered.
type RequestError struct {
	Asked string // what was, as Asker has it
	Err   error
}

func (e *RequestError) Error() string { return "read " + e.Asked + ": " + e.Err.Error() }

// Unwrap returns why, without what was asked.
func (e *RequestError) Unwrap() error { return e.Err }

// Job is what a lane reads together: the tags of one device with one period. The lane and its link own it while it is
// applied; its exported fields do not change, but for Filter, which goes with Current.
type Job struct {
	Device *Device
	Group  *mapping.Group  // as compiled; what is read is Current
	Filter *mapping.Filter // which samples are sent
	Period time.Duration
	Align  bool // due at whole multiples of Period in UTC
	Work   Work
	// Compute is what of the group its lane computes from what the link reads: series that are none of Work's. nil: nothing.
	Compute *Compute

	sched schedule
	live  live
	dev   *device
	unit  *unit
	// missed says that its last exchange was not answered.
	missed bool
	blame  blame

	current   atomic.Pointer[mapping.Group] // nil: Group
	regrouped *regrouping                   // what the lane has to make up for; nil: nothing

	spent, lastSpent time.Duration // in exchanges of this minute, and of the last
}

// NoAnswer is the error of an exchange that a unit did not answer, or not in a way that can be right.
type NoAnswer struct {
	Quality mapping.Quality // of its tags: BadTimeout, BadNoCommunication or BadCommunicationError
	Err     error
	// Alone says that the unit answers other requests, and this one is given up: its tags' bad samples were appended,
	// the next exchange was returned, and the round goes on.
	Alone bool
	Retry Retry // when not Alone
	// Broken says that the link is unusable, and that what was asked is to blame, as it broke a link before: the lane
	// closes it, and opens it again for whatever else there is to ask. A link that cannot tell returns its plain error,
	// and the lane blames the job when that breaks it twice in a row.
	Broken bool
}

// Retry is what can tell a silent request from a silent unit.
type Retry uint8

// What a link makes of the same step when it is made again.
const (
	RetrySame   Retry = iota // it asks the same; nothing else is known
	RetryOther               // it asks something else of the job first
	RetryUnique              // it asks the same, but an answer to another job of the unit would tell
)

func (e *NoAnswer) Error() string { return e.Err.Error() }

func (e *NoAnswer) Unwrap() error { return e.Err }

// ErrClosed is returned by a link that was used before Open or after Close.
var ErrClosed = errors.New("link is closed")
