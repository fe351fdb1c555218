package reckon

import (
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/window"
)

// ahead is how far a time may be ahead of the clock at which it is looked at, in nanoseconds. No input is taken that is a minute
// ahead of the clock; so what is further ahead than this comes of a clock that was set back since then.
const ahead = int64(2 * time.Minute)

// setBack has all that is ahead of the clock go on from now: the clock was set back. Else nothing would come of samples until
// it is as late again as it was, which can be years.
func (r *Reckoner) setBack(now int64) {
	limit := now + ahead
	if r.newest > limit {
		r.newest = now
	}
	for i := range r.told {
		r.told[i].at = min(r.told[i].at, now)
	}
	for _, t := range r.tags {
		if t.at > limit {
			if t.dirty {
				r.compute(t)
			}
			t.at = now
		}
		if t.met > limit {
			t.met = now
		}
		t.Machine.SetBack(now)
	}
}

// newestInput is the newest time of t's inputs as they are.
func (t *tag) newestInput() int64 {
	newest := t.inputs[0].in.Time
	for _, in := range t.inputs[1:] {
		newest = max(newest, in.in.Time)
	}
	return newest
}

// SetBack implements Machine.
func (m *Window) SetBack(now int64) {
	if !m.w.Started() || m.w.State.At <= now+ahead {
		return
	}
	if m.until != 0 {
		m.until = now + max(0, m.until-max(m.w.State.At, m.w.State.Now.Time))
	}
	m.w.SetBack(now)
}

// SetBack implements Machine.
func (m *Total) SetBack(now int64) {
	limit := now + ahead
	if m.kind == mapping.TimeTotal && m.area.Any && m.area.At > limit {
		if m.held && !m.area.Broken && m.kept.Sent > m.area.At { // so long it was shown to hold
			m.area.Put(window.Sample{Time: m.kept.Sent, Value: m.area.Last.Value, Severity: m.area.Last.Severity}, false, 0)
		}
		if m.kept.Until != 0 {
			m.kept.Until = now + max(0, m.kept.Until-m.area.At)
		}
		m.area.SetBack(now)
	}
	if m.kept.Sent > limit {
		m.kept.Sent = now
	}
}

// SetBack implements Machine: time that goes back counts nothing with alarms.
func (m *Alarm) SetBack(int64) {}
