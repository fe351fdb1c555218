package web

import (
	"fmt"
	"hash/maphash"
	"net/http"
	"strconv"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/cmd/tagbridge/health"
)

// statusJSON is what /api/v1/status says: the verdict, and of whom.
type statusJSON struct {
	Bridge  string `json:"bridge"` // its name
	Version string `json:"version"`
	Time    string `json:"time"` // of the bridge's clock
	Node    string `json:"node"` // what it is called in its cluster; "": it is in none
	health.Report
}

// glance is what a bridge looked like at a moment.
type glance struct {
	state  *health.State
	status statusJSON
	sum    []string // of the verdict, as a header has it
	answer *oneForAll
}

// verdictHeader is what says with each answer of the API which verdict holds: a page that has it already need not ask.
const verdictHeader = "X-Tagbridge-Status"

// glance is what the bridge looks like, as of a second ago at most.
func (p *pages) glance() *glance {
	return p.glances.of(func() *glance { return glanceAt(p.bridge, time.Now()) })
}

func glanceAt(b *bridge.Bridge, now time.Time) *glance {
	g := &glance{state: stateOf(b)}
	version, _ := b.Version()
	g.status = statusJSON{
		Bridge:  b.Config().Bridge.Name,
		Version: version,
		Time:    now.UTC().Format(time.RFC3339Nano),
		Report:  *health.Of(g.state, now),
	}
	if share := g.state.Share; share != nil {
		g.status.Node = share.Node
	}
	g.sum = []string{fmt.Sprintf("%016x", maphash.String(seed, g.status.Bridge+"\x00"+version+"\x00"+g.status.Verdict))}
	g.answer = newOneForAll(etagAt(now), g.status)
	return g
}

// etagAt is that of what is made anew again and again, each time another.
func etagAt(now time.Time) string {
	return strconv.Quote(strconv.FormatInt(now.UnixNano(), 36))
}

func stateOf(b *bridge.Bridge) *health.State {
	reloads := b.Reloads()
	var share *bridge.ShareState
	state, endpoints, shared := b.Shared()
	if shared {
		share = &state
	}
	return &health.State{
		Share: share, Endpoints: endpoints,

		Ready:         b.Polling(),
		Journal:       notKept(b.Journal()),
		Configuration: reloads.Problems,
		LastGood:      reloads.LastGood,
		Devices:       b.Devices(),
		Connections:   b.Lines(),
		Sinks:         b.Sinks(),
		Alarms:        b.AlarmCounts(),
	}
}

// withVerdict has answers of the API say which verdict holds.
func (p *pages) withVerdict(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header()[verdictHeader] = p.glance().sum
		next(w, r)
	}
}

// status answers GET /api/v1/status.
func (p *pages) status(w http.ResponseWriter, r *http.Request) {
	g := p.glance()
	w.Header()[verdictHeader] = g.sum
	g.answer.send(w, r)
}
