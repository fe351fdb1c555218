package bridge

import (
	"context"
	"time"

	"tagbridge/cmd/tagbridge/events"
	"tagbridge/drivers/derived"
	"tagbridge/mapping"
	"tagbridge/mapping/alarm"
	"tagbridge/mapping/config"
	"tagbridge/mapping/reckon"
)

// alarmTeller takes what comes of alarms, by the names of their own tags: device/TAG.alarm.
type alarmTeller interface {
	// restoreAlarm says that an alarm goes on as it was.
	restoreAlarm(name string, st *alarm.State)
	// tellAlarm says that it has changed. told are the changes that were told of before, which takes those out; nil: none.
	tellAlarm(name string, o *alarm.Output, told toldAlarms)
	// alarmsToldSince are those changes from a time on.
	alarmsToldSince(at time.Time) toldAlarms
	// alarmsWritten reports that all that was told is where alarmsToldSince finds it after a kill.
	alarmsWritten() bool
}

// toldAlarms are how many changes of an alarm of a time there are.
type toldAlarms map[toldAlarm]int

type toldAlarm struct {
	device, tag string
	at          int64
}

// alarmedTags are the tags of cfg that have alarms.
func alarmedTags(cfg *config.Config) (list []reckonedTag) {
	for i := range cfg.Devices {
		d := &cfg.Devices[i]
		if len(d.Alarms) == 0 {
			continue
		}
		for _, t := range d.Tags {
			if t.Alarm != nil {
				list = append(list, reckonedTag{d, t})
			}
		}
	}
	return list
}

// alarmSpec has the alarm of t be reckoned.
func alarmSpec(d *config.Device, t *mapping.Tag) reckon.Spec {
	kind := "limits"
	if t.Alarm.Binary {
		kind = "binary"
	}
	own := d.IsDerived() || !d.Dated() && !d.Pushed()
	return reckon.Spec{
		Device: d.Name, Tag: t.Name + mapping.AlarmSuffix, Input: d.Name + "/" + t.Name, Key: "alarm by " + kind,
		Machine: reckon.NewAlarm(t.Alarm.Rule(t.Poll), own), Held: d.Pushed() || t.Report == mapping.ReportChange,
	}
}

// tellAlarms tells of alarms that have changed. At the start, and after a reload, what has to be told may have been already.
func (r *reckoning) tellAlarms() {
	changes, first, now := r.core.Changes(), !r.begun, time.Now().UnixNano()
	if first {
		r.begun, r.began = true, now
		r.restoreAlarms()
	}
	known := func(c *reckon.Change) bool { // a run before, which was killed, may have come as far as the event
		return c.Level != c.Before && (first || c.Time <= r.began+aheadMost)
	}
	for i := range changes {
		if c := &changes[i]; known(c) && (r.toldBefore == nil || c.Time < r.toldSince) {
			r.toldBefore, r.toldSince = r.alarms.alarmsToldSince(time.Unix(0, c.Time)), c.Time
		}
	}
	for i := range changes {
		s := r.core.Spec(changes[i].Tag)
		told := r.toldBefore
		if !known(&changes[i]) {
			told = nil
		}
		r.alarms.tellAlarm(s.Device+"/"+s.Tag, &changes[i].Output, told)
	}
	if now-r.began > 10*aheadMost {
		r.toldBefore = nil
	}
}

// aheadMost is how far the time of a sample may be ahead of the clock, in nanoseconds.
const aheadMost = int64(time.Minute)

// restoreAlarms says which alarms go on as they were, at the start or after a reload.
func (r *reckoning) restoreAlarms() {
	for i := range r.core.Len() {
		s := r.core.Spec(i)
		if m, ok := s.Machine.(*reckon.Alarm); ok {
			r.alarms.restoreAlarm(s.Device+"/"+s.Tag, m.Present())
			m.Fresh()
		}
	}
}

// restoreAlarm implements alarmTeller.
func (b *Bridge) restoreAlarm(name string, st *alarm.State) { b.alarms.restore(name, st) }

// tellAlarm implements alarmTeller: a change is an event.
func (b *Bridge) tellAlarm(name string, o *alarm.Output, told toldAlarms) {
	e, news := b.alarms.take(name, o)
	if !news {
		return
	}
	if one := (toldAlarm{e.Device, e.Tag, e.Time.UnixNano()}); told[one] > 0 {
		told[one]--
		return
	}
	b.alarms.count(name)
	b.events.Add(e)
}

// alarmsWritten implements alarmTeller.
func (b *Bridge) alarmsWritten() bool { return b.events.Written() }

// alarmsToldSince implements alarmTeller.
func (b *Bridge) alarmsToldSince(at time.Time) toldAlarms {
	told := toldAlarms{}
	err := b.events.Read(context.Background(), events.Query{Since: at}, func(e *events.Event) bool {
		if e.Kind == events.Alarm {
			told[toldAlarm{e.Device, e.Tag, e.Time.UnixNano()}]++
		}
		return true
	})
	if err != nil {
		b.o.Log.Debug("events cannot be read", "err", err) // at worst one is told twice
	}
	return told
}

// giveReckoned hands on what is reckoned: alarms to their own lane.
func (b *Bridge) giveReckoned(r *reckon.Reckoner, list []reckon.Given) {
	var alarms []derived.Result
	var rest []reckon.Given
	for _, g := range list {
		s := r.Spec(g.Tag)
		if _, ok := s.Machine.(*reckon.Alarm); !ok {
			rest = append(rest, g)
			continue
		}
		alarms = append(alarms, derived.Result{Device: s.Device, Tag: s.Tag, Time: g.Time, Number: g.Number, Quality: g.Quality})
	}
	if len(alarms) > 0 {
		b.alarmHub.Give(alarms)
	}
	if len(rest) > 0 {
		b.protocols.give(r, rest)
	}
}
