// Package linktest is the conformance suite of drivers.Link: what a lane relies on, tried on a real link and a peer that
// does to it what networks and devices do. Every driver runs it, once for each way in which it connects:
//
//	linktest.Run(t, func(t testing.TB, timeout time.Duration) linktest.Peer { … })
//
// It must know no protocol. Tests of drivers import it, nothing else.
package linktest

import (
	"testing"
	"time"

	"tagbridge/drivers"
)

// Peer is a device that the links of one test read. Nothing else reads it.
type Peer struct {
	// Address is host:port at which the peer takes TCP connections. "": it is reached in another way, on which nobody
	// hangs up.
	Address string
	// Link makes a link that is not open, to address: that is Address, or something that stands before it.
	Link func(address string) drivers.Link
	// Jobs makes two jobs of different tags of the peer that no link has seen, of at least three tags each. Their values are
	// whole numbers, at first 1.
	Jobs func() (a, b *drivers.Job)
	// Set gives all tags the value n from now on.
	Set func(n int)
	// Refuse has the device refuse the first tag of the first job, or no longer.
	Refuse func(on bool)
	// Silence has the peer hear requests and not answer them, or no longer: what it has heard meanwhile stays without an
	// answer. nil: Address is not "".
	Silence func(on bool)
	// Asked is how many requests the peer has heard. nil: Address is not "".
	Asked func() int
	// Pushes tells that values come by Wait, and Do may bring none.
	Pushes bool
}

// Times that a peer is started for: how long its link waits for an answer. One is to run out, the other must not.
const (
	short = 300 * time.Millisecond
	long  = 5 * time.Minute
)

// soon is how long a test waits for what must come at once: no computer is as slow as that, and it is less than long.
var soon = time.Minute

// check is one promise of a link.
type check struct {
	name    string
	timeout time.Duration // of the link
	wire    bool          // it is about TCP connections
	do      func(*rig)
}

// checks are all promises. Each has its words at drivers.Link.
var checks = []check{
	{"closed", long, false, checkClosed},
	{"open and close twice", long, false, checkTwice},
	{"open that cannot be", long, true, checkDown},
	{"round", long, false, checkRound},
	{"jobs in turn", long, false, checkTurns},
	{"changes", long, false, checkChanges},
	{"refusal", long, false, checkRefusal},
	{"foreign work", long, false, checkForeign},
	{"lent", long, false, checkLent},
	{"drop", long, false, checkDrop},
	{"end before open", long, false, checkEndedOpen},
	{"end in mid-call", long, false, checkEndedDo},
	{"end while waiting", long, false, checkEndedWait},
	{"close after an end", long, false, checkCloseAfterEnd},
	{"silence", short, false, checkSilence},
	{"late answers", short, true, checkLate},
	{"hang-up between exchanges", long, true, checkHangUp},
	{"hang-up at each byte", long, true, checkCut},
	{"hang-up while waiting", long, true, checkHangUpWaiting},
	{"nothing left", long, false, checkLeft},
	{"lane", short, false, checkLane},
}

// Run tries everything on links to a peer that start makes, a new one for each test. start is told how long the link is
// to wait for an answer, and cleans up with t.
func Run(t *testing.T, start func(t testing.TB, timeout time.Duration) Peer) {
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, start, c)
			if c.wire && r.wire == nil {
				t.Log("this is about TCP connections, which the peer takes none of")
				return
			}
			c.do(r)
		})
	}
}
