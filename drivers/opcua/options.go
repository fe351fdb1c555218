package opcua

import (
	"log/slog"
	"time"

	"tagbridge/drivers/opcua/session"
)

// LinkOptions is where a link connects to, and how.
type LinkOptions struct {
	Session session.Options
	// Watchdog is how long a silent server is left alone before it is asked for its time; one that has not answered
	// after as long again is taken for dead. A step of connecting may take as long as both, or as Session.Timeout if
	// that is longer. 0 is 5 s.
	Watchdog time.Duration
	Retries  int // requests that may go unanswered after the first one, before the connection is given up
	Log      *slog.Logger
	Now      func() time.Time
}

// Limits are how much is asked for at once.
const (
	maxNodes  = 1000     // of a read
	maxBytes  = 48 << 10 // of a request: what fits one chunk of any server
	window    = 4        // reads that are under way at the same time
	maxSplits = 64       // refused requests that a round spends on finding out what is refused
)

// Timestamps are whose time the values carry.
type Timestamps uint8

// Whose time.
const (
	BridgeTime Timestamps = iota
	SourceTime
	ServerTime
)
