package alarm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// oracle judges by looking at everything there was, second by second, again and again.
type oracle struct {
	r        Rule
	deadband float64
	// seconds that counted, the oldest first: the value of each.
	counted []float64
	cleared [NumLevels]int // counted before this is forgotten by a level
	active  [NumLevels]bool
	samples []Sample
	out     []Output
}

func (o *oracle) over(l Level, v float64) bool {
	switch {
	case math.IsNaN(o.r.Limits[l]) && !o.r.Binary, o.r.Binary && l != Lo:
		return false
	case o.r.Binary:
		return (v == 0) == o.r.Inverted
	case l == Hi || l == HiHi:
		return v >= o.r.Limits[l]
	}
	return v <= o.r.Limits[l]
}

func (o *oracle) back(l Level, v float64) bool {
	switch {
	case o.r.Binary:
		return !o.over(l, v)
	case l == Hi || l == HiHi:
		return v < o.r.Limits[l]-o.deadband
	}
	return v > o.r.Limits[l]+o.deadband
}

// turns reports that l would change with v.
func (o *oracle) turns(l Level, v float64) bool {
	if o.active[l] {
		return o.back(l, v)
	}
	return o.over(l, v)
}

// lasted is for how many seconds up to now l would have changed.
func (o *oracle) lasted(l Level) (n int64) {
	for i := len(o.counted) - 1; i >= o.cleared[l] && o.turns(l, o.counted[i]); i-- {
		n++
	}
	return n
}

// settle changes the levels that are due with the value v.
func (o *oracle) settle(v float64) {
	for l := Lo; l < NumLevels; l++ {
		need := int64(o.r.OnDelay)
		if o.active[l] {
			need = int64(o.r.OffDelay)
		}
		if !o.turns(l, v) || o.lasted(l) < need {
			continue
		}
		o.active[l] = !o.active[l]
		o.cleared[l] = len(o.counted)
		if !o.active[l] {
			continue
		}
		for k := Lo; k < NumLevels; k++ {
			if (k == Hi || k == HiHi) != (l == Hi || l == HiHi) {
				o.active[k], o.cleared[k] = false, len(o.counted)
			}
		}
	}
}

func (o *oracle) level() Level {
	for _, l := range []Level{HiHi, LoLo, Hi, Lo} {
		if o.active[l] {
			return l
		}
	}
	return None
}

func (o *oracle) tell(at int64, q uint32, v float64) {
	level, before, first := o.level(), None, len(o.out) == 0
	var last Output
	if !first {
		last = o.out[len(o.out)-1]
		if before = last.Level; last.Level == level && last.Quality == q {
			return
		}
	}
	since, changed := last.Since, last.Changed
	if level == None && before == None {
		since, changed = 0, 0
	}
	if level != before {
		changed = at
		if before == None {
			since = at
		}
	}
	o.out = append(o.out, Output{Time: at, Level: level, Before: before, First: first, Quality: q, Value: v, Since: since, Changed: changed})
}

func isBad(s Sample) bool { return s.Quality>>31 == 1 }

// put takes the next sample: the seconds since the last one had its value, as far as is known.
func (o *oracle) put(s Sample) {
	v := 0.0
	for _, old := range o.samples {
		if !isBad(old) {
			v = old.Value
		}
	}
	if n := len(o.samples); n > 0 && !isBad(o.samples[n-1]) {
		last := o.samples[n-1]
		for at := last.Time; at < s.Time; at++ {
			sure := at < s.Time-int64(o.r.Grace)
			if !sure { // it counts only for what the next value does not contradict
				if isBad(s) {
					break
				}
				for l := Lo; l < NumLevels; l++ {
					if !o.turns(l, s.Value) {
						o.cleared[l] = len(o.counted) + 1
					}
				}
			}
			o.counted = append(o.counted, last.Value)
			o.settle(last.Value)
			if at+1 < s.Time {
				o.tell(at+1, o.out[len(o.out)-1].Quality, last.Value)
			}
		}
	}
	if isBad(s) {
		o.tell(s.Time, s.Quality, v)
		o.samples = append(o.samples, s)
		return
	}
	for l := Lo; l < NumLevels; l++ {
		if !o.turns(l, s.Value) {
			o.cleared[l] = len(o.counted)
		}
	}
	o.settle(s.Value)
	o.tell(s.Time, s.Quality, s.Value)
	o.samples = append(o.samples, s)
}

func randomRule(r *rand.Rand) (rule Rule, deadband float64) {
	rule = Rule{OnDelay: pick(r, 0, 0, 1, 5, 12), OffDelay: pick(r, 0, 0, 1, 5, 12), Grace: pick(r, 1, 1, 3, 10)}
	if r.IntN(5) == 0 {
		rule.Binary, rule.Inverted = true, r.IntN(2) == 0
		return NewRule(rule, 0), 0
	}
	for i, l := range []Level{LoLo, Lo, Hi, HiHi} {
		rule.Limits[l] = float64(10 + 20*i)
		if r.IntN(4) == 0 {
			rule.Limits[l] = math.NaN()
		}
	}
	deadband = float64(r.IntN(4) * 3)
	return NewRule(rule, deadband), deadband
}

func randomStream(r *rand.Rand, rule *Rule) []Sample {
	var list []Sample
	at, v := int64(1000), 40.0
	for range 60 {
		switch r.IntN(12) {
		case 0:
			at += int64(r.IntN(40)) // nothing was reported
		case 1: // the same time again
		default:
			at += int64(rule.Grace)
		}
		if v += float64(r.IntN(31) - 15); r.IntN(10) == 0 {
			v = float64(r.IntN(90))
		}
		v = max(0, min(90, v))
		s := Sample{Time: at, Value: v}
		if rule.Binary {
			s.Value = float64(r.IntN(2))
		}
		switch r.IntN(15) {
		case 0, 1:
			s.Quality, s.Value = 0x800A0000, 0
		case 2:
			s.Quality = 0x40940000
		}
		list = append(list, s)
	}
	return list
}

// TestAgainstOracle judges random streams: with the clock looked at now and then, with the state written and read in between,
// and not at all; each time what the oracle gives is told.
func TestAgainstOracle(t *testing.T) {
	for seed := range uint64(10_000) {
		r := rand.New(rand.NewPCG(seed, 1))
		rule, deadband := randomRule(r)
		stream := randomStream(r, &rule)
		o := oracle{r: rule, deadband: deadband}
		for _, s := range stream {
			o.put(s)
		}
		for _, how := range []string{"samples alone", "clock", "restarts"} {
			if got, want := judged(t, r, &rule, stream, how), fmt.Sprint(o.out); got != want {
				t.Fatalf("seed %d, %s: rule %+v deadband %v\nstream %v\ngot  %s\nwant %s", seed, how, rule, deadband, stream, got, want)
			}
		}
	}
}

func judged(t *testing.T, r *rand.Rand, rule *Rule, stream []Sample, how string) string {
	var st State
	var out []Output
	for i, s := range stream {
		out = st.Put(out, rule, s, math.MaxInt64)
		if i+1 < len(stream) && how == "clock" {
			for range r.IntN(4) {
				if now := s.Time + int64(r.IntN(10)); now <= stream[i+1].Time {
					out = st.Tick(out, rule, now)
				}
			}
			if due, ok := st.Due(rule); ok && due <= stream[i+1].Time {
				n := len(out)
				if out = st.Tick(out, rule, due-1); len(out) != n {
					t.Errorf("something was due before %d", due)
				}
				out = st.Tick(out, rule, due)
			}
		}
		if how == "restarts" && r.IntN(3) == 0 {
			next, err := Parse(st.Append(nil))
			if err != nil {
				t.Fatal(err)
			}
			if st.active|st.running == 0 { // of an alarm at rest the value is not kept: it is in what is told with a bad one only
				next.value, next.valued, next.at, next.holds = st.value, st.valued, st.at, st.holds
			}
			st = next
		}
	}
	return fmt.Sprint(out)
}

func pick(r *rand.Rand, list ...int64) (d time.Duration) {
	return time.Duration(list[r.IntN(len(list))])
}
