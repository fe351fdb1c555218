package reckon

import (
	"fmt"
	"math"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/alarm"
)

func ruleAt(hi float64, delay time.Duration) alarm.Rule {
	r := alarm.Rule{OnDelay: delay, Grace: time.Second}
	for l := range r.Limits {
		r.Limits[l] = math.NaN()
	}
	r.Limits[alarm.Hi] = hi
	return alarm.NewRule(r, 0)
}

// plantOf is a group of n tags, and the specs of their alarms.
func plantOf(n int, delay time.Duration) (*mapping.Group, []Spec) {
	var series []*mapping.Series
	var specs []Spec
	traits := &mapping.SeriesTraits{Kind: mapping.F64}
	for i := range n {
		name := fmt.Sprint("t", i)
		series = append(series, &mapping.Series{Tag: name, SeriesTraits: traits})
		specs = append(specs, Spec{Device: "d", Tag: name + ".alarm", Input: "d/" + name, Machine: NewAlarm(ruleAt(80, delay), true), Key: "alarm"})
	}
	return mapping.NewGroup(mapping.Group{Device: "d", Series: series}), specs
}

func fill(b *mapping.Batch, g *mapping.Group, at int64, v float64) {
	b.Reset(g)
	for i := range g.Series {
		b.Samples = append(b.Samples, mapping.Sample{Time: at, Kind: mapping.F64, Bits: math.Float64bits(v), Index: uint16(i)})
	}
}

// TestAlarmGoesOn keeps the state of an alarm, has another machine take it over under the same limits and under others, and one
// that is damaged be refused.
func TestAlarmGoesOn(t *testing.T) {
	second := int64(time.Second)
	var out Out
	put := func(m *Alarm, at int64, v float64) {
		m.Put(Value{Time: at * second, Number: v}, &out)
	}
	m := NewAlarm(ruleAt(80, 0), true)
	put(m, 1, 85)
	state := m.AppendState(nil)
	same, other := NewAlarm(ruleAt(80, 0), true), NewAlarm(ruleAt(90, 0), true)
	for _, next := range []*Alarm{same, other} {
		if err := next.ParseState(state); err != nil {
			t.Fatal(err)
		}
		for n := range state {
			if NewAlarm(ruleAt(80, 0), true).ParseState(state[:n]) == nil {
				t.Errorf("a state of %d bytes is read", n)
			}
		}
	}
	out = Out{}
	put(same, 2, 86)
	if len(out.Values) != 0 {
		t.Errorf("under the same limits it gives %v", out.Values)
	}
	same.Fresh()
	put(same, 3, 86)
	if len(out.Values) != 1 || out.Values[0].Number != 2 {
		t.Errorf("the first value of a run gives %v", out.Values)
	}
	if c := out.changes; len(c) != 1 || c[0].Before != alarm.Hi || c[0].Level != alarm.Hi || c[0].Since != second {
		t.Errorf("told %+v", c)
	}
	out = Out{}
	put(other, 2, 86)
	if len(out.Values) != 1 || out.Values[0].Number != 0 {
		t.Errorf("under another limit it gives %v", out.Values)
	}
}

// TestAlarmClock has the clock of the machine pass, step and stand still: a delay counts what passes.
func TestAlarmClock(t *testing.T) {
	second := int64(time.Second)
	m := NewAlarm(ruleAt(80, 10*time.Second), true)
	var out Out
	m.Put(Value{Time: 1000 * second, Number: 85}, &out)
	now, passed := 5_000*second, int64(0)
	for len(out.Values) < 2 && passed < 100 {
		if m.Due() == 0 {
			t.Fatal("nothing is due while a delay is under way")
		}
		m.Tick(now, &out)
		now, passed = now+second, passed+1
		switch passed {
		case 3:
			now += 3600 * second
		case 6:
			now -= 7200 * second
		}
	}
	if passed < 12 || passed > 15 || len(out.Values) != 2 || out.Values[1].Time != 1010*second {
		t.Errorf("after %d s: %v", passed, out.Values)
	}
	if m.Due() != 0 {
		t.Error("something is due still")
	}
}

// TestAlarmClockGoesOn has another machine take over a delay that is under way, as at a reload, of a tag that gives no more values.
func TestAlarmClockGoesOn(t *testing.T) {
	second := int64(time.Second)
	m := NewAlarm(ruleAt(80, 10*time.Second), true)
	var out Out
	m.Put(Value{Time: 1000 * second, Number: 85}, &out)
	now := 5_000 * second
	for range 5 {
		m.Tick(now, &out)
		now += second
	}
	next := NewAlarm(ruleAt(80, 10*time.Second), true)
	if err := next.ParseState(m.AppendState(nil)); err != nil {
		t.Fatal(err)
	}
	out = Out{}
	for passed := 0; next.Due() != 0; passed++ {
		if passed > 20 {
			t.Fatal("the delay does not end")
		}
		next.Tick(now, &out)
		now += second
	}
	if len(out.Values) != 1 || out.Values[0].Time != 1010*second || out.Values[0].Number != 2 {
		t.Errorf("it gives %v", out.Values)
	}
}

// BenchmarkAlarms judges a poll of 10,000 tags with alarms.
func BenchmarkAlarms(b *testing.B) {
	g, specs := plantOf(10_000, time.Second)
	r := New(specs)
	var batch mapping.Batch
	at := int64(0)
	b.ReportAllocs()
	for b.Loop() {
		at += int64(time.Second)
		fill(&batch, g, at, float64(50+at/int64(time.Second)%2))
		r.Put(&batch)
		r.Tick(at)
		r.Take(at)
		r.Changes()
		r.Taken()
	}
	b.ReportMetric(float64(len(r.AppendState(nil)))/10_000, "B/alarm")
}

// BenchmarkAlarmFlood has all of 10,000 alarms change at each poll, and meet that in the journal.
func BenchmarkAlarmFlood(b *testing.B) {
	g, specs := plantOf(10_000, 0)
	var series []*mapping.Series
	for i := range specs {
		series = append(series, &mapping.Series{Tag: specs[i].Tag, SeriesTraits: g.Series[0].SeriesTraits})
	}
	own := mapping.NewGroup(mapping.Group{Device: "d", Series: series})
	r := New(specs)
	var batch mapping.Batch
	at := int64(0)
	for b.Loop() {
		at += int64(time.Second)
		odd := at / int64(time.Second) % 2
		fill(&batch, g, at, float64(50+40*odd))
		r.Put(&batch)
		given, _ := r.Take(at)
		if len(given) != len(specs) {
			b.Fatalf("%d changes", len(given))
		}
		if n := len(r.Changes()); n != len(specs) {
			b.Fatalf("%d changes are told", n)
		}
		r.ToldChanges()
		r.Taken()
		fill(&batch, own, at, float64(2*odd))
		r.Put(&batch)
	}
}
