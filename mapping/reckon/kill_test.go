package reckon

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/alarm"
	"tagbridge/mapping/formula"
	"tagbridge/mapping/window"
)

// plantTags are a counter, a power, and a state that is reported when it changes.
var plantTags = []string{"energy", "power", "on"}

func groupOf(device string, tags ...string) *mapping.Group {
	g := mapping.Group{Device: device}
	for _, t := range tags {
		g.Series = append(g.Series, &mapping.Series{Tag: t, SeriesTraits: &mapping.SeriesTraits{Kind: mapping.F64}})
	}
	return mapping.NewGroup(g)
}

func compile(t testing.TB, text string) *formula.Formula {
	t.Helper()
	f, err := formula.Compile(text, formula.Scope{Find: func(name string) (formula.Name, bool) {
		return formula.Name{Name: name, Type: formula.Number}, true
	}})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// specs are windows and totals over the plant, and over each other.
func specs(t testing.TB) []Spec {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	day := window.Span{Zone: zone}
	one := func(tag, text string, o mapping.Reckoned, every time.Duration) Spec {
		s := Spec{Device: "hall", Tag: tag, Formula: compile(t, text), Key: o.Key(text)}
		if o.Total != mapping.NoTotal {
			s.Machine = NewTotal(&o, int64(every))
		} else {
			s.Machine = NewWindow(&o)
		}
		return s
	}
	polled := func(o mapping.Reckoned) mapping.Reckoned {
		o.Hold, o.Grace = 3*time.Minute, time.Minute
		return o
	}
	warm := ruleAt(8, 0) // of the power, changed by samples alone
	slow := alarm.NewRule(alarm.Rule{Binary: true, OnDelay: 100 * time.Millisecond, OffDelay: 100 * time.Millisecond}, 0)
	held := mapping.Reckoned{Total: mapping.TimeTotal, Held: true, Grace: time.Minute}
	return []Spec{
		one("total", "plant/energy", polled(mapping.Reckoned{Total: mapping.CounterTotal, Range: 65536, Least: 1}), 5*time.Minute),
		one("daily", "hall/total", polled(mapping.Reckoned{Aggregate: window.Delta, Span: day}), 0),
		one("heat", "plant/power * 2 + plant/energy * 0", polled(mapping.Reckoned{Total: mapping.TimeTotal}), 10*time.Minute),
		one("mean", "plant/power", polled(mapping.Reckoned{Aggregate: window.TimeAverage, Span: window.Span{Length: 15 * time.Minute, Zone: zone}}), 0),
		one("steps", "plant/energy - previous(plant/energy)", polled(mapping.Reckoned{Aggregate: window.Sum, Span: window.Span{Length: 15 * time.Minute, Zone: zone}}), 0),
		one("since", "seconds_since(previous(plant/on)) + plant/energy * 0", polled(mapping.Reckoned{Aggregate: window.Maximum, Span: window.Span{Length: 15 * time.Minute, Zone: zone}}), 0),
		one("hours", "plant/on", held, time.Hour),
		one("ran", "plant/on", mapping.Reckoned{Aggregate: window.TimeInState, Span: day, AtStart: true, Grace: time.Minute}, 0),
		{Device: "hall", Tag: "warm.alarm", Input: "plant/power", Machine: NewAlarm(warm, false), Key: "warm"},
		{Device: "hall", Tag: "slow.alarm", Input: "plant/on", Machine: NewAlarm(slow, false), Key: "slow"}, // the clock changes it
	}
}

// world is a journal with what a plant gives in some days, and a reckoner that reads it.
type world struct {
	t       *testing.T
	rand    *rand.Rand
	log     []mapping.Batch // what is taken
	sources []mapping.Batch // by time, what is still to come
	hall    *mapping.Group
	r       *Reckoner
	pos     int

	kept    []byte // the last checkpoint
	keptPos int
	way     []mapping.Batch // given, and not in the journal yet

	events []string       // what was told of alarms and is written
	queue  []string       // and is not yet
	told   map[string]int // what was written before this run began, and not told by it
	began  int64
	begun  bool // this run has told something
}

const minute = int64(time.Minute)

// plantDays is what the plant gives: a sample a minute, with bad ones, a roll-over and a reset of the counter.
func plantDays(days int) (list []mapping.Batch) {
	random := rand.New(rand.NewPCG(7, 7))
	g := groupOf("plant", plantTags...)
	begin := time.Date(2026, 3, 27, 23, 0, 0, 0, time.UTC).UnixNano() // over the change to summer time
	counter, on := 65000.0, -1.0
	for i := range int64(days * 24 * 60) {
		at := begin + i*minute
		b := mapping.Batch{Group: g}
		add := func(index uint16, v float64, q mapping.Quality) {
			s := mapping.Sample{Time: at, Kind: mapping.F64, Bits: floatBits(v), Index: index, Quality: q}
			if q.IsBad() {
				s.Kind, s.Bits = mapping.None, 0
			}
			b.Samples = append(b.Samples, s)
		}
		counter += float64(random.IntN(9))
		if i == 2000 {
			counter = 0
		}
		if counter >= 65536 {
			counter -= 65536
		}
		q := mapping.Good
		if i%701 < 7 {
			q = mapping.BadTimeout
		}
		add(0, counter, q)
		add(1, 10*random.Float64(), q)
		if next := float64(i / 97 % 2); next != on {
			on = next
			add(2, on, mapping.Good)
		}
		list = append(list, b)
	}
	return list
}

func newWorld(t *testing.T, sources []mapping.Batch) *world {
	w := &world{t: t, rand: rand.New(rand.NewPCG(1, 2)), sources: sources, r: New(specs(t))}
	var tags []string
	for i := range w.r.Len() {
		tags = append(tags, w.r.Spec(i).Tag)
	}
	w.hall = groupOf("hall", tags...)
	return w
}

// step has the plant be read once, and the reckoner read what there is.
func (w *world) step() {
	w.log = append(w.log, w.way...) // what was given is taken before
	w.way = nil
	b := w.sources[0]
	w.sources = w.sources[1:]
	w.log = append(w.log, b)
	w.read(b.Samples[0].Time)
}

func (w *world) read(now int64) {
	for ; w.pos < len(w.log); w.pos++ {
		w.r.Put(&w.log[w.pos])
		if w.kept != nil && w.rand.IntN(100) == 0 {
			w.pos++
			w.checkpoint()
			w.pos--
		}
	}
	w.r.Tick(now)
	given, _ := w.r.Take(now)
	w.tell()
	for _, g := range given {
		s := mapping.Sample{Time: g.Time, Kind: mapping.F64, Bits: floatBits(g.Number), Index: uint16(g.Tag), Quality: g.Quality}
		if g.Quality.IsBad() {
			s.Kind, s.Bits = mapping.None, 0
		}
		w.way = append(w.way, mapping.Batch{Group: w.hall, Samples: []mapping.Sample{s}})
	}
	w.r.Taken()
}

// tell tells of alarms what was not told before, and writes some of it.
func (w *world) tell() {
	for _, c := range w.r.Changes() {
		if c.Level == c.Before {
			continue
		}
		e := fmt.Sprintf("%s: %v after %v at %d, since %d, changed %d: %v", w.r.Spec(c.Tag).Tag, c.Level, c.Before, c.Time, c.Since, c.Changed, c.Value)
		if (!w.begun || c.Time <= w.began) && w.told[e] > 0 {
			w.told[e]--
			continue
		}
		w.queue = append(w.queue, e)
	}
	w.begun = true
	w.write(w.rand.IntN(len(w.queue) + 1))
}

// write writes so many of the events that wait.
func (w *world) write(n int) { w.events, w.queue = append(w.events, w.queue[:n]...), w.queue[n:] }

func (w *world) checkpoint() {
	if len(w.queue) == 0 {
		w.r.ToldChanges()
	}
	w.kept, w.keptPos = w.r.AppendState(nil), w.pos
}

// kill ends the bridge, some of what was given on its way, and has it begin again.
func (w *world) kill(now int64) {
	n := w.rand.IntN(len(w.way) + 1)
	w.log, w.way = append(w.log, w.way[:n]...), nil
	w.write(w.rand.IntN(len(w.queue) + 1))
	w.queue, w.begun, w.began = nil, false, now
	w.told = map[string]int{}
	for _, e := range w.events {
		w.told[e]++
	}
	w.r = New(specs(w.t))
	if w.kept != nil {
		if c, err := w.r.ParseState(w.kept, now); err != nil || len(c.Anew)+len(c.Torn)+len(c.Back) > 0 {
			w.t.Fatalf("the state is not taken over: %v, %+v", err, c)
		}
	}
	w.pos = w.keptPos
	w.read(now)
}

// results are the values of the hall, by tag and time.
func (w *world) results() map[string]string {
	all := map[string]string{}
	for i := range w.log {
		b := &w.log[i]
		if b.Group != w.hall {
			continue
		}
		s := &b.Samples[0]
		key := fmt.Sprintf("%s %s", w.hall.Series[s.Index].Tag, time.Unix(0, s.Time).UTC().Format("02 15:04:05"))
		v, _ := b.Number(s)
		text := fmt.Sprintf("%v %s", v, s.Quality)
		if before, twice := all[key]; twice && before != text { // its last value is given again at a start
			w.t.Errorf("%s is given twice: %s and %s", key, before, text)
		}
		all[key] = text
	}
	return all
}

// TestKilledReckonsAsIfNothingHadBeen kills a reckoner at random, whose checkpoints are of random ages.
func TestKilledReckonsAsIfNothingHadBeen(t *testing.T) {
	const days = 3
	calm := newWorld(t, plantDays(days))
	for len(calm.sources) > 0 {
		calm.step()
	}
	want := calm.results()
	calm.write(len(calm.queue))
	slices.Sort(calm.events)
	for _, of := range []string{"warm", "slow"} {
		if n := len(slices.DeleteFunc(slices.Clone(calm.events), func(e string) bool { return !strings.HasPrefix(e, of) })); n < 30 {
			t.Fatalf("%d events of %s", n, of)
		}
	}
	t.Log(len(want), "values", want["daily 28 23:00:00"], want["daily 29 22:00:00"], want["ran 28 23:00:00"])
	if len(want) < 1000 || want["daily 29 22:00:00"] == "" {
		t.Fatalf("%d values of a calm run: %v", len(want), want)
	}
	for seed := range uint64(12) {
		w := newWorld(t, plantDays(days))
		w.rand = rand.New(rand.NewPCG(seed, 3))
		w.checkpoint()
		kills := 0
		for len(w.sources) > 0 {
			w.step()
			if w.rand.IntN(20) == 0 {
				w.checkpoint()
			}
			if w.rand.IntN(40) == 0 {
				kills++
				w.kill(w.log[len(w.log)-1].Samples[0].Time)
			}
		}
		if got := w.results(); !maps.Equal(got, want) {
			for _, k := range slices.Sorted(maps.Keys(want)) {
				if got[k] != want[k] {
					t.Errorf("seed %d, %d kills: %s is %q, want %q", seed, kills, k, got[k], want[k])
				}
			}
			for k := range got {
				if want[k] == "" {
					t.Errorf("seed %d, %d kills: %s is %q, and was not there", seed, kills, k, got[k])
				}
			}
		}
		w.write(len(w.queue))
		if slices.Sort(w.events); !slices.Equal(w.events, calm.events) {
			t.Errorf("seed %d, %d kills: events\n%s", seed, kills, strings.Join(difference(w.events, calm.events), "\n"))
		}
		if kills < 50 {
			t.Errorf("only %d kills", kills)
		}
		if t.Failed() {
			return
		}
	}
}

// difference is what sorted lists do not have in common.
func difference(got, want []string) (list []string) {
	n := map[string]int{}
	for _, e := range got {
		n[e]++
	}
	for _, e := range want {
		n[e]--
	}
	for _, e := range slices.Sorted(maps.Keys(n)) {
		if n[e] != 0 {
			list = append(list, fmt.Sprintf("%+d %s", n[e], e))
		}
	}
	return list
}
