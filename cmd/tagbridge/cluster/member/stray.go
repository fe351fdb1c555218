package member

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tagbridge/cmd/tagbridge/cluster/place"
)

// Members choose alike as long as they were given the same endpoints. Where one of them knows less than another one, or thinks differently
// of what endpoints cost, each may think that another one is to read one, or have it. So they leave each other nothing as long as that is
// so, but when they are drained; and what nobody has for long is read by whoever may.

// planOf is a number that is the same for the same endpoints in any order, and never 0.
func planOf(list []place.Endpoint) (sum uint64) {
	for _, e := range list {
		sum += Key(fmt.Sprintf("%q %.3g %q %q", e.Key, e.Load, strings.Join(e.Only, "\x00"), e.Prefer))
	}
	return max(sum, 1)
}

// Plan is that of what this member was given.
func (m *Member) Plan() uint64 { return m.plan }

// alike reports that p was given what this member was, or does not say.
func (m *Member) alike(p *peer) bool { return p.beat.Plan == 0 || p.beat.Plan == m.plan }

// stray is for how many times Takeover nobody reads an endpoint before whoever may read it does, whatever was chosen.
const stray = 2

// pickUp has this member want an endpoint that nobody has, wants or is left for long.
func (m *Member) pickUp(e *endpoint, owner string, now time.Duration) {
	switch {
	case e.held || e.want > 0:
	case owner != "" || !m.joined || !m.free(e, now) || len(e.Only) > 0 && !slices.Contains(e.Only, m.o.Node):
		e.stray, e.idle = false, false
	case !e.idle:
		e.stray, e.idle, e.idleAt = false, true, now
	case now >= e.idleAt+stray*m.o.Takeover:
		e.idle, e.stray = false, true
		e.want, m.news = m.seq+1, true
	}
}
