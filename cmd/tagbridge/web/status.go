package web

import (
	"net/http"
	"sync"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/cmd/tagbridge/health"
)

// statusJSON is what /api/v1/status says: the verdict, and of whom.
type statusJSON struct {
	Bridge  string `json:"bridge"` // its name
	Version string `json:"version"`
	Time    string `json:"time"` // of the bridge's clock
	health.Report
}

// freshly is for how long a verdict holds: pages that are open at the same time share one.
const freshly = 200 * time.Millisecond

// verdicts judges a bridge, once for all who ask at the same time.
type verdicts struct {
	mu     sync.Mutex
	at     time.Time
	report *health.Report
}

func (v *verdicts) of(b *bridge.Bridge) *health.Report {
	v.mu.Lock()
	defer v.mu.Unlock()
	if now := time.Now(); v.report == nil || now.Sub(v.at) >= freshly {
		v.report, v.at = health.Of(stateOf(b), now), now
	}
	return v.report
}

func stateOf(b *bridge.Bridge) *health.State {
	reloads := b.Reloads()
	return &health.State{
		Ready:         b.Polling(),
		Journal:       notKept(b.Journal()),
		Configuration: reloads.Problems,
		LastGood:      reloads.LastGood,
		Devices:       b.Devices(),
		Connections:   b.Lines(),
		Sinks:         b.Sinks(),
	}
}

// status answers GET /api/v1/status.
func (p *pages) status(w http.ResponseWriter, _ *http.Request) {
	version, _ := p.bridge.Version()
	reply(w, http.StatusOK, statusJSON{
		Bridge:  p.bridge.Config().Bridge.Name,
		Version: version,
		Time:    time.Now().UTC().Format(time.RFC3339Nano),
		Report:  *p.verdicts.of(p.bridge),
	})
}
