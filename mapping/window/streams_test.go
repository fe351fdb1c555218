package window

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// stream is a random one: what devices send at their worst.
type stream struct {
	r     *rand.Rand
	at    int64
	value func() float64
	last  Sample
}

func newStream(seed uint64) *stream {
	r := rand.New(rand.NewPCG(seed, 15))
	values := []func() float64{
		func() float64 { return float64(r.IntN(2)) },
		func() float64 { return float64(r.IntN(2000))/8 - 100 },
		func() float64 { return 1e15 + float64(r.IntN(9)) },
		func() float64 { return math.Ldexp(r.Float64()-0.5, r.IntN(120)-60) },
		func() float64 { return 23.1 + float64(r.IntN(10))/10 },
		func() float64 { return (r.Float64() - 0.5) * []float64{1e15, 1, 1e-15}[r.IntN(3)] },
	}
	at := r.Int64N(100*second) - 50*second
	return &stream{r: r, at: at, value: values[r.IntN(len(values))], last: Sample{Time: at}}
}

// next is a sample: on time, at an end of a window, with a gap before it, late, of the same time, or twice.
func (s *stream) next() Sample {
	severity := []Severity{Good, Good, Good, Good, Good, Good, Uncertain, Bad}[s.r.IntN(8)]
	switch s.r.IntN(12) {
	case 0:
		s.at += s.r.Int64N(45 * second)
	case 1:
		s.at = floor(s.at, 10*second) + 10*second
	case 2:
		return Sample{s.at - s.r.Int64N(15*second), s.value(), severity}
	case 3:
		return s.last
	case 4: // of the same time
	default:
		s.at += 1 + s.r.Int64N(4*second)
	}
	s.last = Sample{s.at, s.value(), severity}
	if severity == Bad {
		s.last.Value = 0
	}
	return s.last
}

// TestStreams holds 10,000 random streams against the reference, each function of each window.
func TestStreams(t *testing.T) {
	length := 10 * time.Second
	windows, compared := make([]Window, len(names)), 0
	for seed := range uint64(10_000) {
		ref := reference{length: int64(length)}
		for f := range windows {
			windows[f] = Window{Function: Function(f), Span: Span{Length: length}}
		}
		got := make([][]Result, len(names))
		s := newStream(seed)
		for range 5 + s.r.IntN(25) {
			if s.r.IntN(6) == 0 { // the clock ends windows too, and samples of these come later
				now := s.at + s.r.Int64N(8*second)
				ref.close(now)
				for f := range windows {
					got[f] = windows[f].Close(got[f], now)
				}
			}
			sample := s.next()
			ref.put(sample)
			for f := range windows {
				got[f] = windows[f].Put(got[f], sample)
			}
		}
		for f := range windows {
			got[f] = windows[f].Close(got[f], s.at+25*second)
		}
		compared += holdAgainst(t, &ref, got, seed)
		if t.Failed() {
			return
		}
	}
	if compared < 500_000 {
		t.Errorf("%d results were compared", compared)
	}
}

func holdAgainst(t *testing.T, ref *reference, got [][]Result, seed uint64) int {
	t.Helper()
	for i := range got[0] {
		start := ref.start + int64(i)*ref.length
		want, severity, share := ref.window(start)
		for f := range got {
			if len(got[f]) != len(got[0]) {
				t.Fatalf("seed %d: %v gave %d results, %v %d", seed, Function(f), len(got[f]), Function(0), len(got[0]))
			}
			r := got[f][i]
			expect := severity
			if Function(f) == PercentGood {
				expect = Good
			}
			if r.Start != start || r.End != start+ref.length || r.Severity != expect || r.BadShare != share {
				t.Errorf("seed %d: %v of %d is %+v, want severity %v, bad share %v", seed, Function(f), start, r, expect, share)
				continue
			}
			if r.Severity == Bad {
				continue
			}
			v, _ := want[f].Float64()
			if Function(f) == StdDev {
				v = math.Sqrt(v)
			}
			if !near(r.Value, v, Function(f)) {
				t.Errorf("seed %d: %v of %d = %v, want %v", seed, Function(f), start, r.Value, v)
			}
		}
	}
	return len(got) * len(got[0])
}

// near is equal but for the last digits that a float has, of which 15 are sent.
func near(got, want float64, f Function) bool {
	tolerance := 4e-16
	if f == StdDev {
		tolerance = 1e-15
	}
	return math.Abs(got-want) <= tolerance*math.Abs(want)
}
