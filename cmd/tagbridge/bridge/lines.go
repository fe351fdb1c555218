package bridge

import (
	"cmp"
	"slices"
	"time"

	"tagbridge/drivers"
)

// LineState is an endpoint with all of its connections.
type LineState struct {
	drivers.LineState         // of all connections together: Busy is their mean, Connected that all of them are
	Planned           float64 // Busy as plan reckons it; 0 where it cannot
	SlowDown          []Load  // what to read less often, when the line has not the time for all
}

// Load is what the tags of one device with one period need of a line.
type Load struct {
	Device string
	Period time.Duration
	Share  float64 // of the line's time
	Tags   int
	Fits   time.Duration // a period with which the line would do; of those in SlowDown
}

// crowded is the share of its time from which on a line is told to have none to spare, and suggested that asked of it
// when some is left for repetitions.
const (
	crowded   = 0.95
	suggested = 0.9
)

// Lines are the endpoints, in the order of the configuration.
func (b *Bridge) Lines() []LineState {
	s := b.now.Load()
	var list []LineState
	var loads []Load
	connections := 0
	for i, c := range s.connections {
		if c.beside {
			continue
		}
		if i == 0 || s.connections[i-1].name != c.name {
			list = append(list, LineState{LineState: drivers.LineState{Name: c.name, Connected: true}})
			loads, connections = nil, 0
		}
		at := &list[len(list)-1]
		connections++
		at.join(c.lane.Line(), connections)
		loads = append(loads, s.loads(c)...)
		at.plan(s, c, loads, connections)
	}
	return list
}

// join adds the n-th connection of the endpoint.
func (j *LineState) join(c drivers.LineState, n int) {
	j.Connected = j.Connected && c.Connected
	j.Elsewhere, j.ReadBy = c.Elsewhere, c.ReadBy // one lease has all connections of an endpoint
	j.Busy += (c.Busy - j.Busy) / float64(n)
	j.BusyTotal += c.BusyTotal
	j.Exchanges += c.Exchanges
	j.Opens += c.Opens
	j.Unsent += c.Unsent
	j.Overdue = max(j.Overdue, c.Overdue)
}

// plan sums up what the jobs of an endpoint need of its time, as they are laid out now.
func (j *LineState) plan(s *setup, c *connection, loads []Load, connections int) {
	total := 0.0
	for _, p := range loads {
		total += p.Share
	}
	if len(c.jobs) > 0 {
		if d := s.compiled[c.jobs[0].Device.Name]; d != nil {
			if r, ok := d.protocol.(estimator); ok && r.single(d.conf) {
				connections = 1
			}
		}
	}
	j.Planned = total / float64(connections)
	j.SlowDown = nil
	if max(j.Busy, j.Planned) < crowded {
		return
	}
	j.SlowDown = heaviest(loads, max(j.Planned, j.Busy)/suggested)
}

// heaviest are the few that need most, with periods longer by the factor.
func heaviest(loads []Load, factor float64) []Load {
	list := slices.Clone(loads)
	slices.SortStableFunc(list, func(a, b Load) int { return cmp.Compare(b.Share, a.Share) })
	list = list[:min(len(list), 5)]
	for i := range list {
		list[i].Fits = drivers.FittingPeriod(list[i].Period, factor)
	}
	return list
}

// loads is what each job of c needs of its connection's time.
func (s *setup) loads(c *connection) []Load {
	var list []Load
	for _, j := range c.jobs {
		d := s.compiled[j.Device.Name]
		if d == nil {
			continue
		}
		r, ok := d.protocol.(estimator)
		if !ok {
			continue
		}
		list = append(list, Load{
			Device: j.Device.Name, Period: j.Period, Tags: len(j.Current().Series),
			Share: r.planned(d.conf, []*drivers.Job{j}),
		})
	}
	return list
}
