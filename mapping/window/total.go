package window

import "math"

// Step is what a reading of a counter was.
type Step uint8

// The steps.
const (
	Begun    Step = iota // the first: nothing is known of what was before
	Counted              // on from the last one
	Rolled               // over the end of the counter's range
	Reset                // begun anew at 0: what it shows has come since
	Replaced             // another counter: what it shows is none of ours
)

// Counter adds up what a counter has counted, whatever becomes of its reading. Its fields are all that has to be kept.
type Counter struct {
	Total Exact
	Last  float64
	Any   bool
}

// Limits are what is known of a counter.
type Limits struct {
	// Range is after how many it begins at 0 again, such as 65536; 0: never.
	Range float64
	// Most is how much two readings can be apart at most; 0: not known.
	Most float64
}

// Put takes a reading. One that is smaller than the last has rolled over when the last was in the upper quarter of the
// range and it is in the lower one, else the counter was reset. A step of more than Most is that of another counter, and is
// not counted.
func (c *Counter) Put(v float64, l Limits) Step {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return Counted
	}
	last, any := c.Last, c.Any
	c.Last, c.Any = v, true
	if !any {
		return Begun
	}
	step, by := Counted, v-last
	if v < last {
		step, by = Reset, max(v, 0)
		if l.Range > 0 && last >= l.Range*3/4 && v < l.Range/4 {
			step, by = Rolled, l.Range-last+v
		}
	}
	if l.Most > 0 && by > l.Most {
		return Replaced
	}
	c.Total.Add(by)
	return step
}

// Integral is the area under a value, by hours: of kW the kWh. Its fields are all that has to be kept.
type Integral struct {
	Total Exact // hours × value
	Last  Sample
	Any   bool
}

// Put takes a sample. What lies before it is reckoned with the value that held, or with the mean of both ends: trapezoid. A
// bad value adds nothing until the next good one, and neither does what is further apart than gap, nanoseconds; 0: without
// limit. A sample that is not newer than the last is left out: false.
func (g *Integral) Put(s Sample, trapezoid bool, gap int64) bool {
	if math.IsNaN(s.Value) || math.IsInf(s.Value, 0) {
		s.Severity = Bad
	}
	if g.Any && s.Time <= g.Last.Time {
		return false
	}
	d := s.Time - g.Last.Time
	usable := g.Any && g.Last.Severity != Bad && (gap == 0 || d <= gap)
	if usable && trapezoid {
		usable = s.Severity != Bad
	}
	if usable {
		v := g.Last.Value
		if trapezoid {
			v += (s.Value - v) / 2
		}
		g.Total.Add(v * (float64(d) / 3600e9))
	}
	g.Last, g.Any = s, true
	return true
}
