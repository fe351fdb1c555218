package bridge

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"tagbridge/drivers"
	"tagbridge/drivers/modbus"
)

// lineJSON is an element of /api/v1/lines: an endpoint with all of its connections.
type lineJSON struct {
	Line      string     `json:"line"`
	Connected bool       `json:"connected"` // all of its connections are
	Busy      float64    `json:"busy"`      // share of its time that it spent in requests, of late
	Planned   float64    `json:"planned"`   // the same as plan reckons; 0 where it cannot
	Exchanges uint64     `json:"exchanges"`
	SlowDown  []loadJSON `json:"slow_down"` // what to read less often, when the line has not the time for all
}

// loadJSON is what the tags of one device with one period need of a line.
type loadJSON struct {
	Device string  `json:"device"`
	Period string  `json:"period"`
	Share  float64 `json:"share"`
	Tags   int     `json:"tags"`
	Fits   string  `json:"fits"` // a period with which the line would do

	period time.Duration
}

// crowded is the share of its time from which on a line is told to have none to spare, and suggested that asked of it
// when some is left for repetitions.
const (
	crowded   = 0.95
	suggested = 0.9
)

func (s *server) lines(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, s.bridge.now.Load().lineStates())
}

// lineStates are the endpoints, in the order of the configuration.
func (s *setup) lineStates() []lineJSON {
	list := []lineJSON{}
	var loads []loadJSON
	connections := 0
	for i, l := range s.lines {
		state := l.lane.Line()
		if i == 0 || s.lines[i-1].name != l.name {
			list = append(list, lineJSON{Line: l.name, Connected: true, SlowDown: []loadJSON{}})
			loads, connections = nil, 0
		}
		at := &list[len(list)-1]
		connections++
		at.Connected = at.Connected && state.Connected
		at.Exchanges += state.Exchanges
		at.Busy += (state.Busy - at.Busy) / float64(connections)
		loads = append(loads, s.loads(l)...)
		at.plan(s, l, loads, connections)
	}
	return list
}

// plan sums up what the jobs of an endpoint need of its time, as they are laid out now.
func (j *lineJSON) plan(s *setup, l *line, loads []loadJSON, connections int) {
	total := 0.0
	for _, p := range loads {
		total += p.Share
	}
	if len(l.jobs) > 0 {
		if st := s.stations[l.jobs[0].Device.Name]; st != nil && Wire(st.conf).IsLine() {
			connections = 1 // several lead to one line
		}
	}
	j.Planned = total / float64(connections)
	j.SlowDown = []loadJSON{}
	if max(j.Busy, j.Planned) < crowded {
		return
	}
	j.SlowDown = heaviest(loads, max(j.Planned, j.Busy)/suggested)
}

// heaviest are the few that need most, with periods longer by the factor.
func heaviest(loads []loadJSON, factor float64) []loadJSON {
	list := slices.Clone(loads)
	slices.SortStableFunc(list, func(a, b loadJSON) int { return cmp.Compare(b.Share, a.Share) })
	list = list[:min(len(list), 5)]
	for i := range list {
		list[i].Fits = modbus.FittingPeriod(list[i].period, factor).String()
	}
	return list
}

// loads is what each job of l needs of its line's time.
func (s *setup) loads(l *line) []loadJSON {
	var list []loadJSON
	for _, j := range l.jobs {
		st := s.stations[j.Device.Name]
		if st == nil || st.conf.Driver != "modbus" {
			continue
		}
		list = append(list, loadJSON{
			Device: j.Device.Name, Period: j.Period.String(), Tags: len(j.Current().Series),
			Share: Planned(st.conf, []*drivers.Job{j}), period: j.Period,
		})
	}
	return list
}
