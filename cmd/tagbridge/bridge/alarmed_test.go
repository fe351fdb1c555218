package bridge

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tagbridge/cmd/tagbridge/events"
	"tagbridge/drivers"
	"tagbridge/mapping"
	"tagbridge/testrig/influxd"
	"tagbridge/testrig/plc"
)

const alarmTags = `tag,address,type,unit,hi,hihi,alarm_deadband,on_delay,alarm,priority,alarm_text
a,holding:0,uint16,°C,80,90,2,,,,Too hot
b,holding:1,uint16,,100,,,300ms,,3,
on,coil:0,,,,,,,true,1,Tripped
`

// alarming is a bridge with a PLC whose tags have alarms.
func (r *rig) alarming(more string) (*running, *plc.Unit) {
	r.t.Helper()
	r.write("tags.csv", alarmTags)
	r.plant("192.0.2.1:502", "")
	unit, addr := r.serve(&r.load().Devices[0])
	write(r.t, unit, 0, 50, 20)
	r.plant(addr, more)
	return r.run(), unit
}

// write writes the coil and the holding registers from 0 on.
func write(t *testing.T, u *plc.Unit, coil uint16, values ...uint16) {
	t.Helper()
	set(t, u, values...)
	if err := u.Set(mapping.Coil, 0, coil); err != nil {
		t.Fatal(err)
	}
}

// active are the alarms that the bridge says are.
func (b *running) active() string {
	var list []string
	for _, s := range b.bridge.Alarms() {
		list = append(list, fmt.Sprintf("%s/%s %s %s", s.Device, s.Tag, s.Name, s.Value))
	}
	return strings.Join(list, ", ")
}

func (b *running) awaitActive(want string) {
	b.t.Helper()
	if !b.within(func() bool { return b.active() == want }) {
		b.t.Errorf("active are %q, want %q", b.active(), want)
	}
}

// alarmsOf are the texts of the events of alarms so far.
func (r *rig) alarmsOf(dataDir string) (list []string) {
	for _, e := range r.eventsOf(dataDir) {
		if e.Kind == events.Alarm {
			list = append(list, e.Device+"/"+e.Tag+": "+e.Text)
		}
	}
	return list
}

// TestAlarms has a PLC's values go beyond limits and back: in the table, in the sinks, in the events, and not in how the device
// is doing.
func TestAlarms(t *testing.T) {
	r := newRig(t)
	b, unit := r.alarming("")
	b.becomes(map[string]string{"plc/a.alarm": "0", "plc/b.alarm": "0", "plc/on.alarm": "0"})
	b.awaitActive("")
	write(t, unit, 1, 85, 20)
	b.becomes(map[string]string{"plc/a.alarm": "2", "plc/on.alarm": "1"})
	b.awaitActive("plc/on alarm true, plc/a hi 85")
	write(t, unit, 0, 90, 120)
	b.becomes(map[string]string{"plc/a.alarm": "4", "plc/b.alarm": "2", "plc/on.alarm": "0"})
	since := b.bridge.Alarms()[0].Since
	unit.Inject(plc.Fault{Kind: plc.Silence})
	b.becomes(map[string]string{"plc/a.alarm": "BadTimeout"})
	b.awaitActive("plc/a hihi null, plc/b hi null")
	unit.ClearFaults()
	b.becomes(map[string]string{"plc/a.alarm": "4"})
	write(t, unit, 0, 79, 20)
	b.becomes(map[string]string{"plc/a.alarm": "2", "plc/b.alarm": "0"})
	b.awaitActive("plc/a hi 79")
	if got := b.bridge.Alarms()[0]; !got.Since.Equal(since) || !got.Changed.After(since) {
		t.Errorf("after another level: since %v, was %v; changed %v", got.Since, since, got.Changed)
	}
	write(t, unit, 0, 77, 20)
	b.awaitActive("")
	if list := b.bridge.Devices(); len(list) != 1 || list[0].Name != "plc" || list[0].Tags != 3 || len(b.bridge.Lines()) != 1 {
		t.Errorf("devices %+v, lines %+v", list, b.bridge.Lines())
	}
	r.wait("the alarm in the sink", func(points []influxd.Point) bool {
		var levels []string
		for _, p := range points {
			for _, f := range p.Fields {
				if p.Measurement == "plc" && f.Name == "a.alarm.text" {
					levels = append(levels, fmt.Sprint(f.Value))
				}
			}
		}
		return strings.Contains(strings.Join(slices.Compact(levels), " "), "none hi hihi hi none")
	})
	b.stop()
	var told []string
	for _, text := range r.alarmsOf("data") {
		if before, _, over := strings.Cut(text, " over after "); over {
			text = before + " over"
		}
		told = append(told, text)
	}
	slices.Sort(told)
	want := []string{
		"plc/a: hi alarm over", "plc/a: hi alarm, after hihi, priority 2: 79 °C is not back from 80 °C yet: Too hot",
		"plc/a: hi alarm, priority 2: 85 °C is above 80 °C: Too hot", "plc/a: hihi alarm, after hi, priority 2: 90 °C is the limit: Too hot",
		"plc/b: hi alarm over", "plc/b: hi alarm, priority 3: 120 is above 100", "plc/on: alarm over", "plc/on: alarm, priority 1: Tripped",
	}
	if !slices.Equal(told, want) {
		t.Errorf("events\n%s\nwant\n%s", strings.Join(told, "\n"), strings.Join(want, "\n"))
	}
	if n := strings.Count(b.log.String(), "device online"); n != 2 { // the second after the silence
		t.Errorf("%d times a device is online:\n%s", n, b.log)
	}
}

// TestAlarmsOverAKill has the bridge die three times with an alarm: it goes on as it was, is told of once, and its end is seen.
func TestAlarmsOverAKill(t *testing.T) {
	r := newRig(t)
	b, unit := r.alarming("")
	b.becomes(map[string]string{"plc/a.alarm": "0"})
	write(t, unit, 0, 85, 20)
	b.awaitActive("plc/a hi 85")
	b.awaitEvent(events.Alarm, "85 °C is above 80 °C")
	since := b.bridge.Alarms()[0].Since
	data := "data"
	for i := range 3 {
		next := fmt.Sprint("data", i)
		was := b.bridge.Config().Bridge.DataDir
		b.copyData(filepath.Base(was), next)
		b.stop()
		r.edit("plant.yaml", "data_dir: "+filepath.Base(was), "data_dir: "+next)
		data = next
		b = r.run()
		b.awaitActive("plc/a hi 85")
		b.becomes(map[string]string{"plc/a.alarm": "2", "plc/b.alarm": "0"})
		if got := b.bridge.Alarms()[0].Since; !got.Equal(since) {
			t.Errorf("it is active since %v, want %v", got, since)
		}
	}
	write(t, unit, 0, 50, 20)
	b.awaitActive("")
	b.stop()
	if told := r.alarmsOf(data); len(told) != 2 || !strings.Contains(told[0], "hi alarm, priority 2") || !strings.Contains(told[1], "over after") {
		t.Errorf("events %q", told)
	}
}

// TestAlarmsOverAReload changes limits of an alarm that is active, takes it out of the map, and puts it back.
func TestAlarmsOverAReload(t *testing.T) {
	r := newRig(t)
	b, unit := r.alarming("")
	write(t, unit, 0, 85, 20)
	b.awaitActive("plc/a hi 85")
	since := b.bridge.Alarms()[0].Since
	again := func(old, new string) {
		t.Helper()
		r.edit("tags.csv", old, new)
		if s := b.hup(); len(s.Problems) > 0 {
			t.Fatal(s.Problems)
		}
	}
	again(",Too hot", ",Much too hot")
	b.awaitActive("plc/a hi 85")
	if got := b.bridge.Alarms()[0]; !got.Since.Equal(since) || got.Text != "Much too hot" {
		t.Errorf("with another text %+v, since %v before", got, since)
	}
	again("80,90,2", "82,90,2")
	b.awaitActive("plc/a hi 85")
	again("82,90,2", "86,90,2")
	b.becomes(map[string]string{"plc/a.alarm": "0"})
	b.awaitActive("")
	again("86,90,2", "84,90,2")
	b.becomes(map[string]string{"plc/a.alarm": "2"})
	again("84,90,2", ",,")
	b.awaitActive("")
	if got := b.shown("plc/a.alarm"); got != "no such tag" {
		t.Errorf("what is gone shows %s", got)
	}
	r.wait("the end of the tag", func(points []influxd.Point) bool {
		return slices.ContainsFunc(points, func(p influxd.Point) bool {
			return slices.ContainsFunc(p.Fields, func(f influxd.Field) bool {
				return f.Name == "a.alarm.quality" && fmt.Sprint(f.Value) == "BadOutOfService"
			})
		})
	})
	write(t, unit, 0, 50, 20)
	again("°C,,,", "°C,80,90,2")
	b.becomes(map[string]string{"plc/a.alarm": "0"})
	b.awaitActive("")
	for _, d := range b.bridge.Devices() {
		if d.State != drivers.Online {
			t.Errorf("%s is not online", d.Name)
		}
	}
}
