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
	// restoreAlarm says that an alarm goes on as it was; level is what it had.
	restoreAlarm(name string, st *alarm.State, level alarm.Level)
	// tellAlarm says that it has changed. told are the changes that were told of before; nil: none.
	tellAlarm(name string, o *alarm.Output, told toldAlarms)
	// alarmsToldSince are those changes from a time on.
	alarmsToldSince(at time.Time) toldAlarms
}

// toldAlarms are changes of alarms, each by its tag and time.
type toldAlarms map[toldAlarm]bool

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

// tellAlarms tells of alarms that have changed, which are among what is given.
func (r *reckoning) tellAlarms(given []reckon.Given) {
	var told toldAlarms
	if !r.begun {
		r.begun = true
		if oldest := r.restoreAlarms(given); oldest != 0 { // a run that was killed may have come as far as the event
			told = r.alarms.alarmsToldSince(time.Unix(0, oldest))
		}
	}
	for i := range given {
		s := r.core.Spec(given[i].Tag)
		if m, ok := s.Machine.(*reckon.Alarm); ok {
			if o, ok := m.Told(given[i].Time); ok {
				r.alarms.tellAlarm(s.Device+"/"+s.Tag, &o, told)
			}
		}
	}
}

// restoreAlarms says which alarms go on as they were, at the start or after a reload: all but what is given was told of before.
// oldest is the oldest of that; 0: there is none.
func (r *reckoning) restoreAlarms(given []reckon.Given) (oldest int64) {
	first := map[int]int64{}
	for _, g := range given {
		if at, ok := first[g.Tag]; !ok || g.Time < at {
			first[g.Tag] = g.Time
		}
	}
	for i := range r.core.Len() {
		s := r.core.Spec(i)
		m, ok := s.Machine.(*reckon.Alarm)
		if !ok {
			continue
		}
		at, news := first[i]
		switch {
		case !news:
			at = 1<<63 - 1
		case oldest == 0 || at < oldest:
			oldest = at
		}
		m.Forget(at)
		st, level := m.Present()
		r.alarms.restoreAlarm(s.Device+"/"+s.Tag, &st, level)
		m.Fresh()
	}
	return oldest
}

// restoreAlarm implements alarmTeller.
func (b *Bridge) restoreAlarm(name string, st *alarm.State, level alarm.Level) {
	b.alarms.restore(name, st, level)
}

// tellAlarm implements alarmTeller: a change is an event.
func (b *Bridge) tellAlarm(name string, o *alarm.Output, told toldAlarms) {
	if e, news := b.alarms.take(name, o); news && !told[toldAlarm{e.Device, e.Tag, e.Time.UnixNano()}] {
		b.events.Add(e)
	}
}

// alarmsToldSince implements alarmTeller.
func (b *Bridge) alarmsToldSince(at time.Time) toldAlarms {
	told := toldAlarms{}
	err := b.events.Read(context.Background(), events.Query{Since: at}, func(e *events.Event) bool {
		if e.Kind == events.Alarm {
			told[toldAlarm{e.Device, e.Tag, e.Time.UnixNano()}] = true
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
