package sinks

import (
	"fmt"
	"time"
)

// hangAfter is how long a Send can go without progress before the sink counts as hanging. Sinks with a time limit of
// their own give up before.
const hangAfter = 40 * time.Second

// hangs says that a sink has taken nothing for so long.
func hangs(since time.Duration) string {
	return fmt.Sprintf("it has not taken a byte for %v: is what it writes to still read, or its disk reachable?", since.Round(time.Second))
}

// hang is what was said about a sink that hangs: it holds up nobody else, and may go on at any time.
type hang struct{ since time.Time } // zero: it does not hang

// look says when f's sink begins to hang, and when it goes on.
func (h *hang) look(f *Forwarder) {
	still := f.stats.still()
	switch {
	case h.since.IsZero() && still >= hangAfter:
		h.since = time.Now().Add(-still)
		f.report.log.Warn("sink hangs", "err", hangs(still), "event", "sink-offline")
	case !h.since.IsZero() && still < hangAfter:
		f.report.log.Info("sink hangs no more", "outage", time.Since(h.since).Round(time.Millisecond), "event", "sink-online")
		h.since = time.Time{}
	}
}
