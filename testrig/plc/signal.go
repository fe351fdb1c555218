package plc

import (
	"math"
	"math/rand/v2"
	"time"
)

// shape is how a value moves.
type shape uint8

const (
	wander  shape = iota // up and down in its range, smoothly, with a little noise
	noise                // around a slowly moving mean, different at every refresh, cheap
	climb                // only upwards; from the top of its range back to the bottom
	steps                // through a list of values
	texts                // through a list of texts
	ticking              // the time, as a text
)

// signal is a value over time, in raw units. It is a function of the time and its seed alone: the same at every run,
// and nothing to store.
type signal struct {
	shape  shape
	whole  bool    // rounded to whole numbers
	grain  float64 // of floats: how many steps make 1; 0: not rounded
	lo, hi float64
	rate   float64 // climb: per second
	period float64 // seconds of one round
	seed   uint64
	values []float64
	texts  []string
}

// moment is the time that signals are asked for.
type moment struct {
	seconds float64 // since epoch
	tick    uint64  // changes at every refresh
}

// at is the value at m.
func (s *signal) at(m moment) float64 {
	var v float64
	switch s.shape {
	case noise:
		return s.noise(m)
	case climb:
		v = s.lo + math.Mod(s.rate*m.seconds, s.hi-s.lo)
		v = max(s.lo, min(s.hi, v))
	case steps:
		return s.values[s.turn(m, len(s.values))]
	default:
		slow, fast := s.phase(m, s.period), s.phase(m, s.period/7.3)
		x := 0.5 + 0.33*math.Sin(2*math.Pi*slow) + 0.08*math.Sin(2*math.Pi*fast) + 0.04*(unit(s.seed^m.tick)-0.5)
		v = s.lo + x*(s.hi-s.lo)
	}
	return s.round(v)
}

func (s *signal) round(v float64) float64 {
	switch {
	case s.whole:
		return math.Floor(v + 0.5)
	case s.grain > 0:
		return math.Floor(v*s.grain+0.5) / s.grain
	}
	return v
}

// noise is a mean that goes up and down in a straight line, and 2 % of the range around it.
func (s *signal) noise(m moment) float64 {
	x := math.Abs(2*s.phase(m, s.period)-1)*0.8 + 0.1 + 0.02*(unit(s.seed^m.tick)-0.5)
	return s.round(s.lo + x*(s.hi-s.lo))
}

// text is the text at m.
func (s *signal) text(m moment) string {
	if s.shape == ticking {
		return time.UnixMilli(int64(1e3 * m.seconds)).UTC().Format("2006-01-02T15:04:05.000Z07:00")
	}
	return s.texts[s.turn(m, len(s.texts))]
}

// phase is how far a round of that period is done, from 0 to 1, different for every seed.
func (s *signal) phase(m moment, period float64) float64 {
	p := m.seconds/period + float64(s.seed%1024)/1024
	return p - math.Floor(p)
}

// turn is which of n things stands at m: each for a while, in order.
func (s *signal) turn(m moment, n int) int {
	return min(int(s.phase(m, s.period*float64(n))*float64(n)), n-1)
}

// unit makes a number from 0 to 1 of x (splitmix64).
func unit(x uint64) float64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return float64((x^x>>31)>>11) * 0x1p-53
}

// seeds makes a stream of seeds for the signals of one unit.
func seeds(seed uint64) func() uint64 {
	r := rand.New(rand.NewPCG(seed, 0x5851F42D4C957F2D))
	return r.Uint64
}
