package drivers

import (
	"sync/atomic"
	"time"
)

// settled is how long a connection has to live, and to deliver, before it counts as one that works, and before anything
// is asked that has broken one: so there are at most three connections in ten seconds.
const settled = 6 * time.Second

// session is what a lane knows of its open link, and of how the one before fared. What is atomic may be read by others.
type session struct {
	up    atomic.Bool // the link is open and answers
	opens atomic.Uint64

	pushes    bool // the link is a Waiter
	opened    bool
	openedAt  time.Duration
	proven    bool // it has answered: that it breaks may be a peer that closes idle connections
	delivered bool // it has brought samples
	before    bool // the one before had worked
}

// dial notes that the link is being opened.
func (s *session) dial() {
	s.proven, s.delivered = false, false
	s.opens.Add(1)
}

func (s *session) begin(now time.Duration) { s.opened, s.openedAt = true, now }

// end notes that the link is to be closed; false when it was not open.
func (s *session) end() (open bool) {
	s.up.Store(false)
	open, s.opened = s.opened, false
	return open
}

// prove notes that the link works.
func (s *session) prove() {
	if !s.proven {
		s.proven = true
		s.up.Store(true)
	}
}

// worked reports that the open link has answered, or has been idle for so long that it may have been closed for that.
// A link that pushes is never idle: it has to have lived, too.
func (s *session) worked(now time.Duration) bool {
	if s.pushes {
		return s.steady(now)
	}
	return s.proven || now-s.openedAt >= settled
}

// steady reports that the open link has lived for a while, and delivered.
func (s *session) steady(now time.Duration) bool { return s.delivered && now-s.openedAt >= settled }
