package web

import (
	"net/http"
	"time"

	"tagbridge/cmd/tagbridge/edit"
	"tagbridge/cmd/tagbridge/events"
)

// overviewJSON is what /api/v1/overview says: all that the first view of the page shows.
type overviewJSON struct {
	Status   statusJSON     `json:"status"`
	Devices  []deviceJSON   `json:"devices"`
	Lines    []lineJSON     `json:"lines"`
	Sinks    []sinkJSON     `json:"sinks"`
	Problems []edit.Problem `json:"problems"` // null: what is on disk cannot be checked
	Events   []events.Event `json:"events"`
	Alarms   []alarmJSON    `json:"alarms"` // the most urgent ones
}

// latestEvents is how many of them are in an overview.
const latestEvents = 10

// mostAlarms is how many of them are in an overview.
const mostAlarms = 50

// overview is an answer, with the sum of the verdict that is in it.
type overview struct {
	*oneForAll
	sum []string
}

// overview answers GET /api/v1/overview.
func (p *pages) overview(w http.ResponseWriter, r *http.Request) {
	o := p.overviews.of(func() *overview { return p.overviewAt(time.Now()) })
	w.Header()[verdictHeader] = o.sum
	o.send(w, r)
}

func (p *pages) overviewAt(now time.Time) *overview {
	g := p.glance()
	j := overviewJSON{Status: g.status, Devices: p.deviceList(g.state.Devices), Lines: lineList(g.state.Connections), Sinks: sinkList(g.state.Sinks)}
	active := p.bridge.Alarms()
	j.Alarms = alarmList(active[:min(len(active), mostAlarms)])
	if found, err := p.editor.Problems(); err == nil {
		j.Problems = found.Problems
	}
	var err error
	if j.Events, err = p.newest.of(p.bridge.Config().Bridge.DataDir, events.Query{}, latestEvents); err != nil {
		p.log.Warn("events cannot be read", "err", err)
	}
	return &overview{newOneForAll(etagAt(now), j), g.sum}
}
