package config

import (
	"strings"
	"time"
	_ "time/tzdata" // machines of plants often have no time zones

	"tagbridge/mapping"
	"tagbridge/mapping/source"
)

const (
	// leastHold is for how long a value of a tag that is sent at each poll holds at least when no other comes.
	leastHold = time.Minute
	// leastGrace is how long after its end a window waits at least: what was read is in the journal by then.
	leastGrace = 200 * time.Millisecond
	// mostReckoned is how many windows and totals there can be.
	mostReckoned = 100_000
)

// readTimezone reads whose days and months windows are of; "" is the machine's.
func (d *reader) readTimezone(s *source.Section) string {
	d.zone = time.Local
	v := s.Value("timezone")
	switch {
	case !v.OK || v.Open:
		return ""
	case v.Text == "":
		v.Problemf("must not be empty; left out, it is the machine's")
		return ""
	case strings.EqualFold(v.Text, "local"):
		return ""
	}
	zone, err := time.LoadLocation(v.Text)
	if err != nil {
		v.Problemf("no such time zone: write a name such as Europe/Berlin or UTC; left out, it is the machine's")
		return ""
	}
	d.zone = zone
	return v.Text
}

// reckon completes what windows and totals of d need to know of their inputs.
func (a *ages) reckon(d *readDevice, zone *time.Location) {
	for _, t := range d.Tags {
		if !t.IsReckoned() {
			continue
		}
		o := *t.Computed.Reckoned
		o.Span.Zone = zone
		fastest, slowest := time.Duration(0), time.Duration(0)
		for _, name := range t.Computed.Inputs() {
			device, tag, _ := strings.Cut(name, "/")
			in := a.tag(device, tag)
			p := a.period(device, in)
			slowest = max(slowest, p, in.Poll)
			if a.byChange(device, in) {
				o.Held = true
			} else if fastest == 0 || p < fastest {
				fastest = p
			}
		}
		if fastest > 0 {
			o.Hold = max(mapping.StaleAfter*fastest, leastHold)
		}
		o.Grace = max(slowest, leastGrace)
		t.Computed.Reckoned = &o
	}
}

// byChange reports that a tag is not sent at each poll: what was sent last holds.
func (a *ages) byChange(device string, t *mapping.Tag) bool {
	d := a.devices[device]
	switch {
	case d.Pushed() || t.Report == mapping.ReportChange:
		return true
	case !d.IsDerived():
		return d.Dated()
	case t.IsReckoned():
		return false
	}
	if by, ok := a.changes[t]; ok {
		return by
	}
	a.changes[t] = false
	for _, name := range t.Computed.Inputs() {
		in, tag, _ := strings.Cut(name, "/")
		if a.byChange(in, a.tag(in, tag)) {
			a.changes[t] = true
			return true
		}
	}
	return false
}

// windowPeriod is about how long the values of t, which is reckoned, are apart.
func windowPeriod(t *mapping.Tag) time.Duration {
	switch s := t.Computed.Reckoned.Span; {
	case s.Length > 0:
		return s.Length
	case s.Month:
		return 31 * 24 * time.Hour
	}
	return 25 * time.Hour
}

// checkReckoned reports too many windows, totals and alarms.
func checkReckoned(devices []readDevice) {
	n := 0
	for i := range devices {
		d := &devices[i]
		for _, t := range d.Tags {
			if !t.IsReckoned() {
				continue
			}
			if n++; n > mostReckoned {
				d.s.Doc.Problemf(d.s.At, "more than %d windows and totals in one configuration", mostReckoned)
				return
			}
		}
	}
}
