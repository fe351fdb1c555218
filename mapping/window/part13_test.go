package window

import (
	"math"
	"testing"
	"time"
)

// The worked examples of OPC UA Part 13, Annex A, as far as what is reckoned there is reckoned here: sources that are not
// periodic, with a bad and an uncertain value, which the examples treat as bad; stepped.

// reading is one of the examples, in seconds after noon.
type reading struct {
	at    int64
	value float64
	good  bool
}

var historian1 = []reading{
	{0, 0, false}, {10, 10, true}, {20, 20, true}, {30, 30, true}, {40, 0, false}, {50, 50, true}, {60, 60, true}, {70, 0, false},
	{80, 80, true}, {90, 90, true},
}

var historian3 = []reading{ // and historian2, which is not stepped
	{0, 0, false}, {2, 10, true}, {25, 20, true}, {28, 25, true}, {39, 30, true}, {42, 0, false}, {48, 40, true}, {52, 50, true},
	{72, 60, true}, {77, 0, false}, {83, 70, true}, {86, 80, true}, {90, 90, true},
}

var historian4 = []reading{
	{0, 0, false}, {2, 1, true}, {25, 0, true}, {28, 1, true}, {39, 1, true}, {42, 0, false}, {48, 1, true}, {52, 0, true},
	{72, 0, true}, {77, 0, false}, {83, 1, true}, {86, 0, true}, {90, 1, true},
}

func TestExamplesOfPart13(t *testing.T) {
	noon := time.Date(2012, 1, 2, 12, 0, 0, 0, time.UTC).UnixNano()
	const u = Uncertain
	for _, c := range []struct {
		name     string
		function Function
		source   []reading
		seconds  int64
		want     []float64 // of the windows that end before the last value
		severity []Severity
	}{
		{"A.13 Minimum2, Historian 3", Minimum, historian3, 16, []float64{10, 10, 25, 40, 50}, nil},
		{"A.16 Maximum2, Historian 3", Maximum, historian3, 16, []float64{10, 25, 30, 50, 60}, nil},
		{"A.21 DurationInStateNonZero, Historian 4", TimeInState, historian4, 16, []float64{14, 13, 10, 4, 0}, []Severity{u, Good, u, Good, u}},
		{"A.29 DurationGood, Historian 3, by 16 s", PercentGood, historian3, 16, []float64{87.5, 100, 62.5, 100, 81.25}, nil},
		{"A.36 VarianceSample, Historian 1", StdDev, historian1, 20, []float64{0, math.Sqrt(50), 0, 0}, nil},
		{"A.36 VarianceSample, Historian 2", StdDev, historian3, 20, []float64{0, 5, math.Sqrt(50), 0}, nil},
	} {
		w := Window{Function: c.function, Span: Span{Length: time.Duration(c.seconds) * time.Second}}
		var got []Result
		for _, r := range c.source {
			s := Sample{Time: noon + r.at*second, Value: r.value}
			if !r.good {
				s.Severity = Bad
			}
			got = w.Put(got, s)
		}
		for i, want := range c.want {
			if i >= len(got) || math.Abs(got[i].Value-want) > 1e-12 || got[i].Start != noon+int64(i)*c.seconds*second {
				t.Errorf("%s: window %d of %+v is not %v", c.name, i, got, want)
				break
			}
			if c.severity != nil && got[i].Severity != c.severity[i] {
				t.Errorf("%s: window %d has severity %v, want %v", c.name, i, got[i].Severity, c.severity[i])
			}
		}
	}
}
