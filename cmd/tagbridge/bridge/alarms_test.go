package bridge

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tagbridge/cmd/tagbridge/events"
	"tagbridge/mapping"
	"tagbridge/mapping/alarm"
	"tagbridge/mapping/config"
)

func limitAt(v int64) mapping.Bound {
	return mapping.Bound{Decimal: mapping.Decimal{Mant: v}, Set: true}
}

// alarmedConfig has boiler/temp with limits, boiler/door, and pump/speed with another priority.
func alarmedConfig() *config.Config {
	tag := func(name, unit string, a *mapping.Alarm) *mapping.Tag {
		return &mapping.Tag{Name: name, Alarm: a, Traits: &mapping.Traits{Unit: unit}, Source: mapping.Source{File: "m.csv", Line: 2}}
	}
	devices := []config.Device{
		{Name: "boiler", Tags: []*mapping.Tag{
			tag("temp", "°C", &mapping.Alarm{Lo: limitAt(20), Hi: limitAt(80), HiHi: limitAt(90), Priority: 2, Text: "Check the pump"}),
			tag("door", "", &mapping.Alarm{Binary: true, Priority: 1, Text: "Open"}), tag("plain", "", nil),
		}},
		{Name: "pump", Tags: []*mapping.Tag{tag("speed", "", &mapping.Alarm{Hi: limitAt(3000), Priority: 2})}},
	}
	for i := range devices {
		devices[i].Alarms = mapping.AlarmTags(devices[i].Tags)
	}
	return &config.Config{Devices: devices}
}

// TestAlarmBook has alarms be raised, change and be over: each change is one event, and nothing else is.
func TestAlarmBook(t *testing.T) {
	var b alarmBook
	b.set(alarmedConfig())
	began := time.Now().Add(-time.Hour).Truncate(time.Second)
	last := map[string]alarm.Output{}
	put := func(name string, second int, level alarm.Level, value float64, q mapping.Quality) string {
		o := alarm.Output{Time: began.Add(time.Duration(second) * time.Second).UnixNano(), Level: level, Value: value, Quality: uint32(q)}
		if o.Before, o.Since, o.Changed = last[name].Level, last[name].Since, last[name].Changed; o.Before != level {
			o.Changed = o.Time
			if o.Before == alarm.None {
				o.Since = o.Time
			}
		}
		last[name] = o
		e, told := b.take(name, &o)
		if !told {
			return ""
		}
		b.count(name)
		if e.Kind != events.Alarm || e.Device+"/"+e.Tag+mapping.AlarmSuffix != name || e.Time.UnixNano() != o.Time {
			t.Errorf("event %+v", e)
		}
		return e.Text
	}
	for _, c := range []struct {
		name   string
		second int
		level  alarm.Level
		value  float64
		q      mapping.Quality
		text   string
	}{
		{"boiler/temp.alarm", 0, alarm.None, 50, mapping.Good, ""},
		{"boiler/temp.alarm", 1, alarm.Hi, 85.5, mapping.Good, "hi alarm, priority 2: 85.5 °C is above 80 °C: Check the pump"},
		{"boiler/temp.alarm", 2, alarm.Hi, 85.5, mapping.BadTimeout, ""},
		{"boiler/temp.alarm", 3, alarm.HiHi, 90, mapping.Good, "hihi alarm, after hi, priority 2: 90 °C is the limit: Check the pump"},
		{"boiler/temp.alarm", 4, alarm.Hi, 79.5, mapping.Good, "hi alarm, after hihi, priority 2: 79.5 °C is not back from 80 °C yet: Check the pump"},
		{"boiler/temp.alarm", 61, alarm.None, 75, mapping.Good, "hi alarm over after 1m0s, priority 2: 75 °C: Check the pump"},
		{"boiler/temp.alarm", 62, alarm.Lo, -1e300, mapping.Good, "lo alarm, priority 2: -1e+300 °C is below 20 °C: Check the pump"},
		{"boiler/door.alarm", 63, alarm.Lo, 1, mapping.Good, "alarm, priority 1: Open"},
		{"boiler/door.alarm", 64, alarm.None, 0, mapping.Good, "alarm over after 1s, priority 1: Open"},
		{"pump/speed.alarm", 65, alarm.Hi, 3001, mapping.Good, "hi alarm, priority 2: 3001 is above 3000"},
		{"boiler/door.alarm", 66, alarm.Lo, 1, mapping.Good, "alarm, priority 1: Open"},
		{"boiler/gone.alarm", 67, alarm.Lo, 1, mapping.Good, ""},
	} {
		if got := put(c.name, c.second, c.level, c.value, c.q); got != c.text {
			t.Errorf("%s at %d: %q, want %q", c.name, c.second, got, c.text)
		}
	}
	if got, want := names3(b.list()), "boiler/door alarm, pump/speed hi, boiler/temp lo"; got != want {
		t.Errorf("active are %s, want %s", got, want)
	}
	if got, want := fmt.Sprint(b.counts()), "[{boiler 1 1 3} {boiler 2 1 5} {pump 2 1 1}]"; got != want {
		t.Errorf("counts %s, want %s", got, want)
	}
	cfg := alarmedConfig()
	cfg.Devices[0].Tags[0].Alarm.Priority = 3
	cfg.Devices = cfg.Devices[:1]
	b.set(cfg)
	if got, want := names3(b.list()), "boiler/door alarm, boiler/temp lo"; got != want {
		t.Errorf("after a reload %s are active, want %s", got, want)
	}
	if s := b.list()[1]; s.Priority != 3 || !s.Since.Equal(began.Add(62*time.Second)) || s.Limit.String() != "20" {
		t.Errorf("after a reload %+v", s)
	}
}

func names3(list []AlarmState) string {
	var names []string
	for _, s := range list {
		names = append(names, s.Device+"/"+s.Tag+" "+s.Name)
	}
	return strings.Join(names, ", ")
}

// TestAlarmRestored has an alarm that is active over a restart be no news, and its end be.
func TestAlarmRestored(t *testing.T) {
	a := alarmedConfig().Devices[0].Tags[0].Alarm
	rule := a.Rule(time.Second)
	var st alarm.State
	at := time.Now().Add(-time.Hour).UnixNano()
	st.Put(nil, &rule, alarm.Sample{Time: at, Value: 85}, 0)
	var b alarmBook
	b.set(alarmedConfig())
	b.restore("boiler/temp.alarm", &st)
	b.restore("boiler/gone.alarm", &st)
	if _, told := b.take("boiler/temp.alarm", &alarm.Output{Time: at + 1, Level: alarm.Hi, Before: alarm.Hi, Since: at, Changed: at}); told {
		t.Error("what was active before is told of again")
	}
	list := b.list()
	if len(list) != 1 || list[0].Since.UnixNano() != at {
		t.Fatalf("%+v", list)
	}
	e, told := b.take("boiler/temp.alarm", &alarm.Output{Time: at + 60e9, Level: alarm.None, Before: alarm.Hi, Since: at, Changed: at, Value: 70})
	if !told || e.Since.UnixNano() != at || !strings.Contains(e.Text, "over after 1m0s") {
		t.Errorf("%+v %v", e, told)
	}
}
