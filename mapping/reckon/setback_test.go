package reckon

import (
	"math/rand/v2"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/window"
)

// clocked are tags of all kinds, each once a minute: of polled inputs, of one that comes when it changes, and of both.
func clocked(t *testing.T) []Spec {
	one := func(tag, text string, o mapping.Reckoned) Spec {
		o.Grace = time.Second
		s := Spec{Device: "hall", Tag: tag, Formula: compile(t, text), Key: o.Key(text)}
		if o.Total != mapping.NoTotal {
			s.Machine = NewTotal(&o, minute)
		} else {
			o.Span = window.Span{Length: time.Minute, Zone: time.UTC}
			s.Machine = NewWindow(&o)
		}
		return s
	}
	const hold = 3 * time.Second
	return []Spec{
		one("counted", "plant/energy", mapping.Reckoned{Total: mapping.CounterTotal, Hold: hold}),
		one("area", "plant/power", mapping.Reckoned{Total: mapping.TimeTotal, Hold: hold}),
		one("hours", "plant/on", mapping.Reckoned{Total: mapping.TimeTotal, Held: true}),
		one("mean", "plant/power", mapping.Reckoned{Aggregate: window.TimeAverage, Hold: hold}),
		one("ran", "plant/on", mapping.Reckoned{Aggregate: window.TimeInState}),
		one("both", "plant/power + plant/energy * 0", mapping.Reckoned{Aggregate: window.Count, Hold: hold}),
		one("open", "plant/power * plant/on", mapping.Reckoned{Aggregate: window.Average, Hold: hold}),
		{Device: "hall", Tag: "alarm", Input: "plant/power", Machine: NewAlarm(ruleAt(80, 2*time.Second), true), Key: "alarm"},
	}
}

// clock is a plant of which energy counts, power is 60 and every other half minute 90, and on came once.
type clock struct {
	world
	n   int
	got map[string][]Value
}

// second reads the plant once at that time.
func (c *clock) second(plant *mapping.Group, at int64) {
	c.n++
	power := 60.0
	if c.n/30%2 == 1 {
		power = 90
	}
	b := mapping.Batch{Group: plant}
	for i, v := range []float64{float64(c.n), power, 1} {
		if i < 2 || c.n == 1 {
			b.Samples = append(b.Samples, mapping.Sample{Time: at, Kind: mapping.F64, Bits: floatBits(v), Index: uint16(i)})
		}
	}
	c.log = append(append(c.log, c.way...), b)
	c.way = nil
	c.read(at + int64(10*time.Millisecond))
	for _, g := range c.way {
		s := &g.Samples[0]
		v, _ := g.Number(s)
		name := c.hall.Series[s.Index].Tag
		c.got[name] = append(c.got[name], Value{s.Time, v, s.Quality})
	}
}

// TestClockSetBack has a clock be set back by hours and by years while a bridge runs, and while it does not. Of all tags there
// are values again within two periods, and none of the time to which the clock does not come.
func TestClockSetBack(t *testing.T) {
	plant := groupOf("plant", plantTags...)
	for name, back := range map[string]time.Duration{"an hour": time.Hour, "five years": 5 * 365 * 24 * time.Hour} {
		for _, kill := range []string{"", "before", "after", "both"} {
			t.Run(name+" killed "+kill, func(t *testing.T) {
				c := &clock{got: map[string][]Value{}}
				c.t, c.r, c.rand = t, New(clocked(t)), rand.New(rand.NewPCG(1, 2))
				var tags []string
				for i := range c.r.Len() {
					tags = append(tags, c.r.Spec(i).Tag)
				}
				c.hall = groupOf("hall", tags...)
				again := func(at int64) {
					c.r = New(clocked(t))
					if _, err := c.r.ParseState(c.kept, at); err != nil {
						t.Fatal(err)
					}
					c.pos, c.way = c.keptPos, nil
					c.read(at)
				}
				at := time.Date(2030, 1, 2, 3, 4, 30, 0, time.UTC).UnixNano()
				for range 300 {
					at += int64(time.Second)
					c.second(plant, at)
				}
				c.checkpoint()
				at -= int64(back)
				if kill == "before" || kill == "both" {
					again(at)
				}
				begin := at
				clear(c.got)
				for i := range 300 {
					at += int64(time.Second)
					c.second(plant, at)
					if i == 90 {
						c.checkpoint()
					}
					if i == 100 && (kill == "after" || kill == "both") {
						again(at)
					}
				}
				for _, tag := range tags {
					values := c.got[tag]
					if len(values) < 4 || values[0].Time > begin+2*minute {
						t.Errorf("%s has %d values in five minutes after the clock was set back: %v", tag, len(values), values)
					}
					for _, v := range values {
						if v.Time > at {
							t.Errorf("%s has a value at %v, which is still to come", tag, time.Unix(0, v.Time).UTC())
						}
					}
				}
				last := func(tag string) Value { return c.got[tag][len(c.got[tag])-1] }
				if v := last("counted"); v.Number < 520 || v.Quality != mapping.Good {
					t.Errorf("the counter has come to %v", v)
				}
				if v := last("area"); v.Number < 520*75/3600. || v.Number > 600*75/3600. {
					t.Errorf("the area is %v", v)
				}
				if v := last("hours"); v.Number < 520/3600. || v.Number > 600/3600. {
					t.Errorf("the hours are %v", v)
				}
				for tag, want := range map[string]float64{"mean": 75, "ran": 60, "both": 60, "open": 75} {
					if v := last(tag); v.Number != want || v.Quality != mapping.Good {
						t.Errorf("the last %s is %v, want %v", tag, v, want)
					}
				}
			})
		}
	}
}
