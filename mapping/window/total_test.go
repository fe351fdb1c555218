package window

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"
)

const hour = int64(time.Hour)

func TestIntegral(t *testing.T) {
	minute := int64(time.Minute)
	at := func(minutes int64, v float64, s Severity) Sample { return Sample{minutes * minute, v, s} }
	for name, c := range map[string]struct {
		samples          []Sample
		held, trapezoid  float64
		heldBridged      float64 // over 10 minutes
		trapezoidBridged float64
	}{
		"two": {[]Sample{at(0, 6, Good), at(60, 12, Good)}, 6, 9, 6, 9},
		"one bad poll": {
			[]Sample{at(0, 60, Good), at(1, 60, Good), at(2, 0, Bad), at(3, 60, Good), at(4, 60, Good)}, 3, 3, 4, 4,
		},
		"a ramp over a gap": {[]Sample{at(0, 60, Good), at(2, 0, Bad), at(4, 120, Good)}, 2, 2, 4, 5},
		"a long gap":        {[]Sample{at(0, 60, Good), at(2, 0, Bad), at(30, 60, Good), at(31, 60, Good)}, 3, 3, 3, 3},
		"two bad ones":      {[]Sample{at(0, 60, Good), at(2, 0, Bad), at(3, 0, Bad), at(4, 60, Good)}, 2, 2, 4, 4},
		"uncertain counts":  {[]Sample{at(0, 60, Uncertain), at(2, 60, Good)}, 2, 2, 2, 2},
		"bad at first":      {[]Sample{at(0, 0, Bad), at(2, 60, Good), at(4, 60, Good)}, 2, 2, 2, 2},
		"late and twice":    {[]Sample{at(0, 60, Good), at(2, 60, Good), at(1, 999, Good), at(2, 60, Good), at(4, 60, Good)}, 4, 4, 4, 4},
		"of one time":       {[]Sample{at(0, 60, Good), at(2, 30, Good), at(2, 60, Good), at(4, 60, Good)}, 4, 3.5, 4, 3.5},
		"no number":         {[]Sample{at(0, 60, Good), at(2, math.Inf(1), Good), at(4, 60, Good)}, 2, 2, 4, 4},
		"an hour's change":  {[]Sample{at(0, 60, Good), at(600, 0, Good)}, 600, 300, 600, 300},
	} {
		for i, want := range []float64{c.held, c.trapezoid, c.heldBridged, c.trapezoidBridged} {
			var g Integral
			for _, s := range c.samples {
				g.Put(s, i%2 == 1, []int64{0, 10 * minute}[i/2])
			}
			if got := g.Total.Value(); math.Abs(got-want) > 1e-12 {
				t.Errorf("%s: %s is %v, want %v", name, []string{"held", "trapezoid", "held, bridged", "trapezoid, bridged"}[i], got, want)
			}
		}
	}
}

// TestIntegralExactly adds up a year of a second's readings, small ones on top of a large total too, and holds it against
// what more digits give.
func TestIntegralExactly(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	g := Integral{Total: Exact{High: 1e15}}
	want := fraction(1e15)
	last := Sample{Time: r.Int64N(hour), Value: 3}
	g.Put(last, false, 0)
	for range 100_000 {
		s := Sample{Time: last.Time + 1 + r.Int64N(2*second), Value: math.Ldexp(r.Float64(), r.IntN(30)-20)}
		g.Put(s, false, 0)
		area := new(big.Float).Mul(fraction(last.Value), whole(s.Time-last.Time))
		want.Add(want, area.Quo(area, whole(hour)))
		last = s
	}
	rest := new(big.Float).Sub(want, fraction(g.Total.High))
	rest.Sub(rest, fraction(g.Total.Low))
	if d, _ := rest.Float64(); math.Abs(d) > 1e-10 { // of 10^15
		t.Errorf("%v + %v is %v off", g.Total.High, g.Total.Low, d)
	}
}

// TestClockSetBack has a clock that ran an hour fast and is set: ten readings are lost, and no more.
func TestClockSetBack(t *testing.T) {
	w := Window{Function: Count, Span: Span{Length: time.Minute}}
	var g Integral
	var got []Result
	put := func(at int64) {
		got = w.Put(got, Sample{Time: at, Value: 3600})
		g.Put(Sample{Time: at, Value: 3600}, false, 0)
	}
	for i := range int64(100) {
		put(hour + i*second)
	}
	before := len(got)
	for i := range int64(200) {
		put(100*second + i*second)
	}
	if total := g.Total.Value(); total != 99+190 {
		t.Errorf("%v seconds were added up of 298", total)
	}
	for i, want := range []float64{11, 60, 60} {
		if i+before >= len(got) || got[before+i].Value != want || got[before+i].End != int64(i+2)*60*second {
			t.Fatalf("after the clock was set, windows are %+v", got[before:])
		}
	}
	if w.State.Late != 10 {
		t.Errorf("%d were late", w.State.Late)
	}
}

// TestClockSetBackWithin has the clock set back by less than a window: what was reckoned of it stays.
func TestClockSetBackWithin(t *testing.T) {
	w := Window{Function: TimeInState, Span: Span{Length: time.Minute}}
	var got []Result
	for i := range int64(50) {
		got = w.Put(got, Sample{Time: i * second, Value: 1})
	}
	for i := range int64(41) {
		got = w.Put(got, Sample{Time: (20 + i) * second, Value: 1})
	}
	if len(got) != 1 || got[0].Value != 49+31 || got[0].BadShare != 0 || got[0].Severity != Good {
		t.Errorf("%+v", got)
	}
}

// TestManyWindows has a window of a second after a day in which nothing came: its results are bounded, and it goes on.
func TestManyWindows(t *testing.T) {
	w := Window{Function: Average, Span: Span{Length: time.Second}}
	got := w.Put(nil, Sample{Time: 0, Value: 1})
	got = w.Put(got, Sample{Time: 86_400 * second, Value: 3})
	if len(got) != maxClosed {
		t.Errorf("%d windows", len(got))
	}
	if got = w.Close(nil, 86_401*second); len(got) != 1 || got[0].Value != 3 || got[0].Start != 86_400*second {
		t.Errorf("%+v", got)
	}
}

// TestNoAllocation: nothing is allocated for a sample.
func TestNoAllocation(t *testing.T) {
	w := Window{Function: StdDev, Span: Span{Length: time.Hour, Zone: load(t, "Europe/Berlin")}}
	var g Integral
	var c Counter
	dst, at := make([]Result, 0, 10), int64(0)
	if n := testing.AllocsPerRun(10_000, func() {
		at += second
		dst = w.Put(dst[:0], Sample{Time: at, Value: float64(at % 7)})
		g.Put(Sample{Time: at, Value: 2}, true, 0)
		c.Put(float64(at), Limits{Range: 1 << 32})
	}); n != 0 {
		t.Errorf("%v allocations a sample", n)
	}
}
