package days

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"tagbridge/cmd/tagbridge/events"
	"tagbridge/mapping"
	"tagbridge/mapping/window"
	"tagbridge/sinks"
	"tagbridge/sinks/journal"
	"tagbridge/testrig"
	"tagbridge/testrig/plc"
)

const (
	reckonKills = 6               // TAGBRIDGE_KILLS says otherwise
	reckonDay   = 2 * time.Second // of a plant whose days are that long
	reckonPoll  = 500 * time.Millisecond
)

// reading is a sample of a tag as the journal has it.
type reading struct {
	time  int64
	value float64
	bad   bool
}

// metered is a meter that counts in 16 bits and shows its power, while the bridge on it is killed.
type metered struct {
	*site
	unit *plc.Unit
	stop chan struct{}
	done chan struct{}
}

func newMetered(t *testing.T) *metered {
	p := &metered{site: newSite(t), unit: plc.NewUnit(plc.UnitOptions{Seed: 1, Log: 1}), stop: make(chan struct{}), done: make(chan struct{})}
	server := testrig.Modbus(t, "tcp", plc.ServerOptions{Units: map[int]*plc.Unit{1: p.unit}, Silent: true})
	p.write("plant.yaml", fmt.Sprintf(`
bridge: {name: kill, data_dir: data, http: %q, timezone: Europe/Berlin}
devices:
  - name: meter
    url: "tcp://%s"
    poll: 20ms
    tags:
      - {tag: energy, address: "holding:0"}
      - {tag: power, address: "holding:1", scale: 0.1}
      - {tag: heat, address: "holding:2", hi: 50}
  - name: hall
    driver: derived
    poll: %s
    tags:
      - {tag: total, expr: meter/energy, total: counter}
      - {tag: daily, expr: hall/total, aggregate: delta, window: %s}
      - {tag: work, expr: meter/power, total: time}
  - name: live
    driver: derived
    mode: change
    tags:
      - {tag: step, expr: meter/energy - previous(meter/energy)}
sinks: [{name: f, type: file, path: out.jsonl}]
`, p.http, server.Addr(), reckonPoll, reckonDay))
	if err := p.unit.Set(mapping.Holding, 2, 10); err != nil {
		t.Fatal(err)
	}
	go p.count(rand.New(rand.NewPCG(5, 5)))
	t.Cleanup(func() { close(p.stop); <-p.done })
	return p
}

// count has the meter go on.
func (p *metered) count(random *rand.Rand) {
	defer close(p.done)
	tick := time.NewTicker(7 * time.Millisecond)
	defer tick.Stop()
	counter := uint16(60_000)
	for {
		if err := p.unit.Set(mapping.Holding, 0, counter, uint16(random.IntN(1000))); err != nil {
			return
		}
		select {
		case <-tick.C:
			counter += uint16(random.IntN(20))
		case <-p.stop:
			return
		}
	}
}

// taken is what the journal has of each tag, in its order.
func (p *metered) taken() map[string][]reading {
	p.t.Helper()
	in, err := journal.Inspect(p.path("data/journal"))
	if err != nil {
		p.t.Fatal(err)
	}
	defer in.Close()
	all := map[string][]reading{}
	skipped, err := in.Dump(context.Background(), 0, func(_ sinks.Pos, b *mapping.Batch) error {
		for i := range b.Samples {
			s := &b.Samples[i]
			name := b.Group.Device + "/" + b.Group.Series[s.Index].Tag
			v, ok := b.Number(s)
			if list := all[name]; len(list) > 0 && list[len(list)-1] == (reading{s.Time, v, !ok}) {
				continue // a tag's last value is given again at a start
			}
			all[name] = append(all[name], reading{s.Time, v, !ok})
		}
		return nil
	})
	if err != nil || skipped > 0 {
		p.t.Fatalf("the journal: %v, %d samples cannot be made out", err, skipped)
	}
	return all
}

// inPeriods are those of what a total is at each reading with which it is sent.
func inPeriods(list []reading, value func(i int) float64) (sent []reading) {
	last := int64(0)
	for i, r := range list {
		if v := value(i); !r.bad && (last == 0 || r.time/int64(reckonPoll) > last/int64(reckonPoll)) {
			sent = append(sent, reading{time: r.time, value: v})
			last = r.time
		}
	}
	return sent
}

// counted is the total of a counter of 16 bits: what rolls over counts with the reading after.
func counted(list []reading) func(i int) float64 {
	total, last, dip := 0.0, -1.0, -1.0
	return func(i int) float64 {
		v := list[i].value
		switch {
		case list[i].bad:
			return total
		case last < 0:
		case dip >= 0:
			total += 65536 - last + v
			dip = -1
		case v < last:
			dip = v
			return total
		default:
			total += v - last
		}
		last = v
		return total
	}
}

// area is the integral of a power over hours, undisturbed, and compared with fractions.
func area(t *testing.T, list []reading) func(i int) float64 {
	var calm window.Integral
	sum, last := new(big.Rat), -1
	return func(i int) float64 {
		s := window.Sample{Time: list[i].time, Value: list[i].value}
		if list[i].bad {
			t.Fatal("the meter was not read")
		}
		calm.Put(s, true, int64(time.Minute))
		if last >= 0 {
			tenths := big.NewRat(int64(math.Round(list[last].value*10))+int64(math.Round(list[i].value*10)), 20)
			sum.Add(sum, tenths.Mul(tenths, big.NewRat(list[i].time-list[last].time, 3600e9)))
		}
		last = i
		got := calm.Total.Value()
		if want, _ := sum.Float64(); math.Abs(got-want) > 1e-15*want {
			t.Errorf("an undisturbed sum is %v, in fractions %v", got, want)
		}
		return got
	}
}

// windowed are the differences over windows, of those that had come to their end.
func windowed(list []reading) (results []reading) {
	day := int64(reckonDay)
	before, first, has := 0.0, true, false
	last, end := 0.0, int64(0)
	for _, r := range list {
		for ; has && r.time >= end; end += day {
			results = append(results, reading{time: end, value: last - before})
			before, first = last, false
		}
		if !has {
			end, has = r.time/day*day+day, true
		}
		if first {
			before, first = r.value, false
		}
		last = r.value
	}
	return results
}

// same compares what the journal has of a tag with what was to be. The last ones may still be to come.
func (p *metered) same(name string, got, want []reading) {
	p.t.Helper()
	if len(want) < 5 || len(got) < len(want)-1 {
		p.t.Errorf("%s: %d values, want %d", name, len(got), len(want))
	}
	for i, g := range got {
		switch {
		case i >= len(want):
			p.t.Errorf("%s: %d values, %v among them, want %d", name, len(got), g, len(want))
			return
		case g.time != want[i].time || digits(g.value) != digits(want[i].value):
			p.t.Errorf("%s: value %d is %s at %d, want %s at %d", name, i, digits(g.value), g.time, digits(want[i].value), want[i].time)
			return
		}
	}
}

func digits(v float64) string { return fmt.Sprintf("%.14e", v) }

// stepped wants steps to be those of the meter from one to the next: none is missing, none is there twice.
func (p *metered) stepped(steps, meter []reading) {
	p.t.Helper()
	at := map[int64]float64{}
	for _, r := range meter {
		at[r.time] = r.value
	}
	last, n := int64(0), 0
	for _, s := range steps {
		if s.bad {
			continue
		}
		now, read := at[s.time]
		if want := now - at[last]; n > 0 && (!read || s.time <= last || s.value != want) { // what the first one is since is not in the journal
			p.t.Errorf("step %d is %v at %d, want %v since %d", n, s.value, s.time, want, last)
			return
		}
		last, n = s.time, n+1
	}
	if n < len(meter)/3 {
		p.t.Errorf("%d steps of %d readings", n, len(meter))
	}
}

// alarmed are the times at which a value has come to its limit of 50, or has left it.
func alarmed(list []reading) (changes []string) {
	raised := false
	for _, r := range list {
		if hot := r.value >= 50; hot != raised {
			raised = hot
			changes = append(changes, changed(raised, r.time))
		}
	}
	return changes
}

func changed(raised bool, at int64) string { return fmt.Sprint(raised, " at ", at) }

// alarmEvents are those that the bridge has told of.
func (p *metered) alarmEvents() (changes []string) {
	p.t.Helper()
	err := events.NewReader(events.Folder(p.path("data"))).Next(events.Query{}, func(e *events.Event) bool {
		if e.Kind == events.Alarm {
			changes = append(changes, changed(e.Since.IsZero(), e.Time.UnixNano()))
		}
		return true
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return changes
}

// TestKillWhileReckoning kills the bridge at random moments while it counts: the totals and what came together in each day are
// what they would be had nothing happened, each once, and so are the events of an alarm.
func TestKillWhileReckoning(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(23, 0))
	p := newMetered(t)
	n, heat := times(t, "TAGBRIDGE_KILLS", reckonKills), uint16(10)
	for range n {
		b := p.start()
		asked := p.unit.Asked()
		p.await("polls", func() bool { return p.unit.Asked() > asked+10 })
		rest(time.Duration(chance.IntN(2500)) * time.Millisecond)
		if heat = 100 - heat; p.unit.Set(mapping.Holding, 2, heat) != nil {
			t.Fatal("the meter takes nothing")
		}
		rest(time.Duration(chance.IntN(100)) * time.Millisecond) // about as long as an alarm takes from its sample to its event
		b.kill()
	}
	b := p.start()
	asked := p.unit.Asked()
	p.await("another day", func() bool { return p.unit.Asked() > asked+10 })
	rest(2 * reckonDay)
	b.stop()
	all := p.taken()
	totals := inPeriods(all["meter/energy"], counted(all["meter/energy"]))
	p.same("hall/total", all["hall/total"], totals)
	p.same("hall/work", all["hall/work"], inPeriods(all["meter/power"], area(t, all["meter/power"])))
	p.same("hall/daily", all["hall/daily"], windowed(all["hall/total"]))
	p.stepped(all["live/step"], all["meter/energy"])
	got, want := p.alarmEvents(), alarmed(all["meter/heat"])
	if !slices.Equal(got, want) {
		t.Errorf("events of alarms %v\nwant %v", got, want)
	}
	rolled := false
	for i, r := range all["meter/energy"] {
		rolled = rolled || i > 0 && r.value < all["meter/energy"][i-1].value
	}
	t.Logf("%d kills, %d readings, %d values of the total, %d days, %d events of alarms, rolled over: %v", n, len(all["meter/energy"]), len(all["hall/total"]), len(all["hall/daily"]), len(got), rolled)
}
