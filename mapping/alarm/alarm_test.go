package alarm

import (
	"math"
	"strings"
	"testing"
	"time"
)

const second = int64(time.Second)

// limitsOf are the four limits, the lowest first; 0: there is none.
func limitsOf(lolo, lo, hi, hihi float64) (list [NumLevels]float64) {
	for l, v := range map[Level]float64{LoLo: lolo, Lo: lo, Hi: hi, HiHi: hihi} {
		if list[l] = v; v == 0 {
			list[l] = math.NaN()
		}
	}
	return list
}

// polled judges values a second apart; one that is NaN is bad.
func polled(st *State, r *Rule, from int64, values ...float64) (told string) {
	var out []Output
	for i, v := range values {
		s := Sample{Time: (from + int64(i)) * second, Value: v}
		if v != v {
			s.Value, s.Quality = 0, 0x800A0000
		}
		out = st.Put(out, r, s, math.MaxInt64)
	}
	return words(r, out)
}

// words are outputs as LEVEL@SECOND, with ? for a bad quality.
func words(r *Rule, out []Output) string {
	var list []string
	for _, o := range out {
		text := r.Name(o.Level)
		if o.Quality != 0 {
			text += "?"
		}
		list = append(list, text+"@"+(time.Duration(o.Time)).String())
	}
	return strings.Join(list, " ")
}

func TestLevels(t *testing.T) {
	bad := math.NaN()
	all := limitsOf(10, 20, 80, 90)
	for _, c := range []struct {
		name     string
		rule     Rule
		deadband float64
		values   []float64
		want     string
	}{
		{"through all levels", Rule{Limits: all}, 0, []float64{50, 80, 95, 85, 79, 20, 10, 15, 21},
			"none@0s hi@1s hihi@2s hi@3s none@4s lo@5s lolo@6s lo@7s none@8s"},
		{"past both limits at once", Rule{Limits: all, OnDelay: 2 * time.Second}, 0, []float64{50, 95, 95, 95, 5, 5, 5},
			"none@0s hihi@3s none@4s lolo@6s"},
		{"from high to low within the off-delay", Rule{Limits: all, OffDelay: time.Minute}, 0, []float64{50, 95, 5, 50}, "none@0s hihi@1s lolo@2s"},
		{"a deadband", Rule{Limits: limitsOf(0, 0, 80, 0)}, 0.1, []float64{79.9, 80, 79.9, 80, 79.89999}, "none@0s hi@1s none@4s"},
		{"around the limit", Rule{Limits: limitsOf(0, 0, 80, 0)}, 1, []float64{80, 79.5, 80, 79.5, 80, 79.5}, "hi@0s"},
		{"around the limit, within the delays", Rule{Limits: limitsOf(0, 0, 80, 0), OnDelay: 2 * time.Second}, 0, []float64{80, 79, 80, 80, 79, 80, 79}, "none@0s"},
		{"almost long enough", Rule{Limits: limitsOf(0, 0, 80, 0), OnDelay: 3 * time.Second}, 0, []float64{80, 80, 80, 79, 80, 80, 80, 80}, "none@0s hi@7s"},
		{"bad in between", Rule{Limits: limitsOf(0, 0, 80, 0), OnDelay: 3 * time.Second}, 0, []float64{80, 80, bad, 80, 80, 80, bad, 70},
			"none@0s none?@2s none@3s hi@5s hi?@6s none@7s"},
		{"true", Rule{Binary: true, OnDelay: time.Second}, 0, []float64{0, 1, 1, 0}, "none@0s alarm@2s none@3s"},
		{"false", Rule{Binary: true, Inverted: true}, 0, []float64{0, 1, 1, 0}, "alarm@0s none@1s alarm@3s"},
	} {
		c.rule.Grace = time.Second
		r := NewRule(c.rule, c.deadband)
		var st State
		if got := polled(&st, &r, 0, c.values...); got != c.want {
			t.Errorf("%s: %s\nwant %s", c.name, got, c.want)
		}
	}
}

// TestSince has an alarm whose level changes be the same alarm.
func TestSince(t *testing.T) {
	r := NewRule(Rule{Limits: limitsOf(0, 0, 80, 90), Grace: time.Second}, 0)
	var st State
	polled(&st, &r, 0, 50, 85, 95, math.NaN(), 85)
	if st.Level() != Hi || st.Since() != second || st.Changed() != 4*second {
		t.Errorf("%v since %d, changed %d", st.Level(), st.Since(), st.Changed())
	}
}

// TestHeldValue has a tag that is reported by change: the clock says that the delay is over, and the sample that comes later
// says no other.
func TestHeldValue(t *testing.T) {
	r := NewRule(Rule{Limits: limitsOf(0, 0, 80, 0), OnDelay: 10 * time.Second, Grace: time.Second}, 0)
	var st State
	polled(&st, &r, 0, 85)
	due, ok := st.Due(&r)
	if !ok || due != 11*second {
		t.Fatalf("due %d %v", due, ok)
	}
	if got := words(&r, st.Tick(nil, &r, due-1)); got != "" {
		t.Errorf("told %s too soon", got)
	}
	if got := words(&r, st.Tick(nil, &r, due)); got != "hi@10s" {
		t.Errorf("told %s", got)
	}
	if _, ok := st.Due(&r); ok {
		t.Error("something is due still")
	}
}

// TestClockSteps sets the clock by an hour, in both directions, while a delay is under way.
func TestClockSteps(t *testing.T) {
	r := NewRule(Rule{Limits: limitsOf(0, 0, 80, 0), OnDelay: 10 * time.Second, Grace: time.Second}, 0)
	for _, step := range []int64{3600, -3600} {
		var st State
		var out []Output
		for i := range int64(13) {
			at := 10_000 + i
			if i >= 5 {
				at += step
			}
			out = st.Put(out, &r, Sample{Time: at * second, Value: 85}, 2*second)
		}
		got := strings.TrimPrefix(words(&r, out), "none@2h46m40s ")
		if want := map[int64]string{3600: "hi@3h46m49s", -3600: "hi@1h46m51s"}[step]; got != want {
			t.Errorf("step %d: %s, want %s", step, got, want)
		}
	}
}

// TestRejudge has other limits for an alarm that there is.
func TestRejudge(t *testing.T) {
	for _, c := range []struct {
		limits [NumLevels]float64
		want   string
		since  int64
	}{
		{limitsOf(0, 0, 85, 0), "", 1},             // still beyond
		{limitsOf(0, 0, 95, 0), "none@10s", 1},     // not any more
		{limitsOf(0, 0, 70, 85), "hihi@10s", 1},    // beyond another one, too
		{limitsOf(0, 0, 0, 85), "hihi@10s", 10},    // the limit is gone, another one is there: another alarm
		{limitsOf(0, 100, 0, 0), "lo@10s", 10},     // likewise
		{limitsOf(5, 10, 90.5, 99), "none@10s", 1}, // all others
	} {
		r := NewRule(Rule{Limits: limitsOf(0, 0, 80, 0), Grace: time.Second}, 1)
		var st State
		polled(&st, &r, 0, 50, 90)
		next := NewRule(Rule{Limits: c.limits, Grace: time.Second}, 1)
		st.Rejudge(&next)
		got := polled(&st, &next, 10, 89.6)
		if got != c.want || c.since == 1 && st.Since() != second {
			t.Errorf("%v: %q, want %q; since %d", c.limits, got, c.want, st.Since()/second)
		}
	}
}

// TestMeet replays what a state has not seen: outputs that samples bring about are left alone, those of the clock are taken over.
func TestMeet(t *testing.T) {
	r := NewRule(Rule{Limits: limitsOf(0, 0, 80, 90), OnDelay: 10 * time.Second, Grace: time.Second}, 0)
	var st State
	polled(&st, &r, 0, 85)
	st.Meet(nil, &r, 0, None)
	if st.Level() != None || st.running == 0 {
		t.Errorf("an old output stopped the delay: %+v", st)
	}
	if got := words(&r, st.Meet(nil, &r, 10*second, Hi)); got != "hi@10s" {
		t.Errorf("met %s", got)
	}
	if st.Level() != Hi || st.Since() != 10*second {
		t.Errorf("%v since %d", st.Level(), st.Since())
	}
	if got := words(&r, st.Tick(nil, &r, 60*second)); got != "" {
		t.Errorf("told again: %s", got)
	}
	if got := polled(&st, &r, 70, 50); got != "none@1m10s" {
		t.Errorf("over: %s", got)
	}
	var other State // one that knows less than the journal
	polled(&other, &r, 0, 50)
	if got := words(&r, other.Meet(nil, &r, 5*second, HiHi)); got != "hihi@5s" {
		t.Errorf("met %s", got)
	}
	if other.Level() != HiHi || other.active != highs {
		t.Errorf("%+v", other)
	}
	other.Meet(nil, &r, 6*second, NumLevels)
	if other.Level() != HiHi {
		t.Errorf("%+v after a level that there is not", other)
	}
}

// TestAway has the bridge not be there: what it did not see is no time.
func TestAway(t *testing.T) {
	r := NewRule(Rule{Limits: limitsOf(0, 0, 80, 0), OnDelay: 10 * time.Second, Grace: time.Second}, 0)
	var st State
	polled(&st, &r, 0, 85, 85, 85)
	st.Away()
	if got := words(&r, st.Tick(nil, &r, 1000*second)); got != "" {
		t.Errorf("told %s", got)
	}
	if got := polled(&st, &r, 100_000, 85, 85, 85, 85, 85, 85, 85, 85, 85); got != "hi@27h46m48s" {
		t.Errorf("told %s", got)
	}
}

func TestLimitOf(t *testing.T) {
	r := NewRule(Rule{Limits: limitsOf(0, 0, 80, 0)}, 0)
	b := NewRule(Rule{Binary: true}, 0)
	if v, ok := r.Limit(Hi); v != 80 || !ok {
		t.Error(v, ok)
	}
	for _, l := range []Level{None, Lo, HiHi, 200} {
		if _, ok := r.Limit(l); ok {
			t.Errorf("%v has a limit", l)
		}
	}
	if _, ok := b.Limit(Lo); ok {
		t.Error("true has a limit")
	}
	if Level(200).String() != "unknown" || b.Name(Lo) != "alarm" || r.Name(Lo) != "lo" {
		t.Error("names")
	}
}

func TestAllocatesNothing(t *testing.T) {
	r := NewRule(Rule{Limits: limitsOf(10, 20, 80, 90), OnDelay: 2, OffDelay: 1, Grace: 1}, 1)
	var st State
	out := make([]Output, 0, 16)
	at := int64(0)
	if n := testing.AllocsPerRun(1000, func() {
		at++
		out = st.Put(out[:0], &r, Sample{Time: at, Value: float64(at * 7 % 101)}, math.MaxInt64)
		out = st.Tick(out, &r, at)
		out = st.Meet(out, &r, at, Hi)
	}); n > 0 {
		t.Errorf("%v allocations a sample", n)
	}
}

func BenchmarkPut(b *testing.B) {
	r := NewRule(Rule{Limits: limitsOf(10, 20, 80, 90), OnDelay: 5 * time.Second, OffDelay: 5 * time.Second, Grace: time.Second}, 1)
	for name, values := range map[string][2]float64{"calm": {50, 51}, "around": {79, 82}, "raised": {85, 86}} {
		b.Run(name, func(b *testing.B) {
			var st State
			var out []Output
			at := int64(0)
			b.ReportAllocs()
			for b.Loop() {
				at += second
				out = st.Put(out[:0], &r, Sample{Time: at, Value: values[at/second&1]}, math.MaxInt64)
			}
		})
	}
}

func TestIdentity(t *testing.T) {
	rule := func(limits [NumLevels]float64, deadband float64) uint64 {
		r := NewRule(Rule{Limits: limits, OnDelay: time.Second}, deadband)
		return r.Identity()
	}
	one := rule(limitsOf(0, 0, 80, 90), 1)
	slow := NewRule(Rule{Limits: limitsOf(0, 0, 80, 90), OffDelay: time.Hour}, 1)
	if slow.Identity() != one {
		t.Error("a delay makes another rule")
	}
	yes, no := NewRule(Rule{Binary: true}, 0), NewRule(Rule{Binary: true, Inverted: true}, 0)
	seen := map[uint64]bool{one: true}
	for _, other := range []uint64{rule(limitsOf(0, 0, 80, 0), 1), rule(limitsOf(0, 0, 80, 90), 2), rule(limitsOf(80, 90, 0, 0), 1),
		rule(limitsOf(0, 0, 81, 90), 1), yes.Identity(), no.Identity()} {
		if seen[other] {
			t.Error("two rules have one identity")
		}
		seen[other] = true
	}
}
