package web

import (
	"net/http"

	"tagbridge/cmd/tagbridge/bridge"
)

// lineJSON is an element of /api/v1/lines: an endpoint with all of its connections.
type lineJSON struct {
	Line      string     `json:"line"`
	Connected bool       `json:"connected"` // all of its connections are
	Elsewhere bool       `json:"elsewhere"` // another member of the cluster reads its devices
	ReadBy    string     `json:"read_by"`   // which one; "": nobody, or this one
	Busy      float64    `json:"busy"`      // share of its time that it spent in requests, of late
	Planned   float64    `json:"planned"`   // the same as plan reckons it; 0 where it cannot
	Exchanges uint64     `json:"exchanges"`
	BusySum   float64    `json:"busy_seconds"`    // spent in requests since the start
	Opens     uint64     `json:"opens"`           // attempts to connect
	Unsent    uint64     `json:"unsent"`          // samples that the journal did not take
	Overdue   float64    `json:"overdue_seconds"` // above 0: it is stuck, for so long beyond all limits
	SlowDown  []loadJSON `json:"slow_down"`       // what to read less often, when the line has not the time for all
}

// loadJSON is what the tags of one device with one period need of a line.
type loadJSON struct {
	Device string  `json:"device"`
	Period string  `json:"period"`
	Share  float64 `json:"share"`
	Tags   int     `json:"tags"`
	Fits   string  `json:"fits"` // a period with which the line would do
}

// lines answers GET /api/v1/lines.
func (p *pages) lines(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, lineList(p.bridge.Lines()))
}

func lineList(states []bridge.LineState) []lineJSON {
	list := make([]lineJSON, 0, len(states))
	for i := range states {
		list = append(list, lineOf(&states[i]))
	}
	return list
}

func lineOf(l *bridge.LineState) lineJSON {
	j := lineJSON{
		Line:      l.Name,
		Connected: l.Connected,
		Elsewhere: l.Elsewhere,
		ReadBy:    l.ReadBy,
		Busy:      l.Busy,
		Planned:   l.Planned,
		Exchanges: l.Exchanges,
		BusySum:   l.BusyTotal.Seconds(),
		Opens:     l.Opens,
		Unsent:    l.Unsent,
		Overdue:   l.Overdue.Seconds(),
		SlowDown:  []loadJSON{},
	}
	for _, load := range l.SlowDown {
		j.SlowDown = append(j.SlowDown, loadJSON{
			Device: load.Device, Period: load.Period.String(), Share: load.Share, Tags: load.Tags, Fits: load.Fits.String(),
		})
	}
	return j
}
