package window

import (
	"math/big"
	"math/rand/v2"
	"testing"
	"time"
	_ "time/tzdata"
)

func reckon(f Function, samples []Sample, until int64) []Result {
	w := Window{Function: f, Span: Span{Length: 10 * time.Second}}
	var all []Result
	for _, s := range samples {
		all = w.Put(all, s)
	}
	return w.Close(all, until)
}

const second = int64(time.Second)

func TestFunctions(t *testing.T) {
	samples := []Sample{{0, 2, Good}, {4 * second, 4, Good}, {8 * second, 0, Good}, {12 * second, 6, Good}, {16 * second, 0, Bad}}
	for f, want := range map[Function][2]float64{
		Average: {2, 6}, TimeAverage: {2.4, 4}, Minimum: {0, 0}, Maximum: {4, 6}, Count: {3, 1}, Range: {4, 6}, Delta: {-2, 6},
		First: {2, 6}, Last: {0, 6}, Sum: {6, 6}, StdDev: {2, 0}, PercentGood: {100, 60}, TimeInState: {8, 4}, Transitions: {1, 1},
	} {
		got := reckon(f, samples, 30*second)
		if len(got) != 3 {
			t.Fatalf("%v: %d windows", f, len(got))
		}
		for i, v := range want {
			if d := got[i].Value - v; d > 1e-9 || d < -1e-9 {
				t.Errorf("%v of window %d = %v, want %v", f, i, got[i].Value, v)
			}
		}
		if got[0].Severity != Good || f != PercentGood && (got[1].Severity != Uncertain || got[2].Severity != Bad) {
			t.Errorf("%v: severities %v %v %v", f, got[0].Severity, got[1].Severity, got[2].Severity)
		}
	}
}

// TestTimeAverageExactly holds random streams against what fractions give.
func TestTimeAverageExactly(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var samples, kept []Sample
		at := int64(0)
		for range 40 {
			s := Sample{Time: max(0, at+r.Int64N(4*second)-second), Value: float64(r.IntN(1000)) / 8, Severity: Severity(r.IntN(4) / 3 * 2)}
			samples = append(samples, s)
			if len(kept) > 0 && s.Time == at {
				kept = kept[:len(kept)-1]
			}
			if s.Time >= at {
				kept, at = append(kept, s), s.Time
			}
		}
		for _, got := range reckon(TimeAverage, samples, at) {
			area, good := new(big.Rat), int64(0)
			for i, s := range kept {
				to := at
				if i+1 < len(kept) {
					to = kept[i+1].Time
				}
				from := max(s.Time, got.Start)
				if d := min(to, got.End) - from; d > 0 && s.Severity != Bad {
					good += d
					area.Add(area, new(big.Rat).Mul(new(big.Rat).SetFloat64(s.Value), new(big.Rat).SetInt64(d)))
				}
			}
			if good == 0 {
				if got.Severity != Bad {
					t.Errorf("%+v has no good time", got)
				}
				continue
			}
			want, _ := new(big.Rat).Quo(area, new(big.Rat).SetInt64(good)).Float64()
			if d := got.Value - want; d > 1e-9 || d < -1e-9 {
				t.Errorf("%+v, want %v", got, want)
			}
		}
	}
}

func TestCalendarDays(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for day, hours := range map[string]int64{"2026-03-29": 23, "2026-10-25": 25, "2026-06-01": 24} {
		at, _ := time.ParseInLocation("2006-01-02 15", day+" 12", zone)
		if start, end := (Span{Zone: zone}).Bounds(at.UnixNano()); end-start != hours*int64(time.Hour) {
			t.Errorf("%s has %v", day, time.Duration(end-start))
		}
	}
}
