package window

import "math"

// Integral is the area under a value, by hours: of kW the kWh. Its fields are all that has to be kept.
type Integral struct {
	Total  Exact // hours × value
	Last   Sample
	At     int64 // up to here it is reckoned: the time of Last, or of the first bad one after it
	Any    bool  // Last is one
	Broken bool  // there was a bad one after Last
	Back   int64 // the last of those that came late one after the other
	Behind uint8 // how many there were
}

// Put takes a sample; false: it came late or twice, and is left out. After ten late ones in order the clock was set back, and
// time goes on from there.
//
// What lies before a sample is reckoned with the value that held, or with the mean of both ends: trapezoid. A bad sample ends
// what its last value held for. From the next good one the time without a value is reckoned too, when the two good ones are
// no further apart than bridge, nanoseconds; 0: never.
func (g *Integral) Put(s Sample, trapezoid bool, bridge int64) bool {
	if math.IsNaN(s.Value) || math.IsInf(s.Value, 0) {
		s.Severity = Bad
	}
	bad := s.Severity == Bad
	switch {
	case s.Time < -far || s.Time > far:
		return false
	case !g.Any && bad:
		return true
	case !g.Any:
		g.take(s)
		return true
	case s == g.Last:
		return false
	case s.Time < g.At:
		return g.late(s)
	}
	g.Behind = 0
	switch {
	case bad && g.Broken:
		return true
	case bad:
		g.add(g.Last.Value, s.Time)
		g.At, g.Broken = s.Time, true
		return true
	case !g.Broken || s.Time-g.Last.Time <= bridge:
		v := g.Last.Value
		if trapezoid {
			v = v/2 + s.Value/2
		}
		g.add(v, s.Time)
	}
	g.take(s)
	return true
}

func (g *Integral) take(s Sample) {
	g.Last, g.At, g.Any, g.Broken, g.Behind = s, s.Time, true, false, 0
}

// late is told of a sample before what is reckoned, and whether it was taken all the same.
func (g *Integral) late(s Sample) bool {
	if g.Behind > 0 && s.Time <= g.Back {
		g.Behind = 0
	}
	g.Back = s.Time
	if g.Behind++; g.Behind < maxLate {
		return false
	}
	if s.Severity == Bad {
		g.At, g.Last.Time, g.Broken, g.Behind = s.Time, s.Time, true, 0
	} else {
		g.take(s)
	}
	return true
}

// add adds v from At until then.
func (g *Integral) add(v float64, until int64) {
	const hour = 3600e9
	d := float64(until - g.At)
	h := d / hour
	g.Total.AddProduct(v, h)
	if rest := math.FMA(h, -hour, d) / hour; rest != 0 { // what the division has lost
		g.Total.Add(v * rest)
	}
}
