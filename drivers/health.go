package drivers

import (
	"time"

	"tagbridge/mapping"
)

// unanswered goes on after an exchange of j that its unit did not answer: the same again, when jobs of live units are
// not due; after the last try the unit is offline.
func (l *Lane) unanswered(j *Job, silent *NoAnswer, took time.Duration, end moment) {
	u := j.unit
	j.dev.failed(silent.kind(), silent.Err)
	j.missed = true
	u.misses++
	if r := u.rank(); r == rankProbe || r > rankShaky && l.agenda.ready.top() != nil {
		l.agenda.lost(took, end.mono)
	}
	switch {
	case u.state == unitOffline:
		l.markOffline(u, silent, end)
		l.probeLater(u, end.mono)
	case u.misses <= j.Device.Retries:
		j.sched.since = end.mono
		l.agenda.queue(j)
		l.agenda.requeue(u)
	case u.misses == j.Device.Retries+1 && l.witness(j, silent.Retry, end.mono):
	default:
		l.demote(j, silent, end)
	}
}

// witness has something else of j's unit asked before that is taken for dead: a device may be silent to one request
// only. It is false when there is nothing else, or that was asked among the tries.
func (l *Lane) witness(j *Job, r Retry, now time.Duration) bool {
	u := j.unit
	var w *Job
	switch {
	case r == RetryOther && j.Device.Retries == 0:
		w = j
	case r == RetryUnique:
		w = u.other(j)
	}
	if w == nil {
		return false
	}
	if w != j {
		l.agenda.hurry(w, now)
	}
	j.sched.since = now
	l.agenda.queue(j)
	l.agenda.requeue(u)
	return true
}

// givenUp goes on after an exchange of j that was not answered, while its unit answers others: only the tags that it
// was about are bad, by the samples from the index on.
func (l *Lane) givenUp(j *Job, from, next int, silent *NoAnswer, end moment) {
	j.dev.failed(silent.kind(), silent.Err)
	j.missed = true
	l.out.added(from, end.mono, end.wall)
	l.out.compute(j, from, next == 0, end)
	l.proceed(j, next, end)
}

// demote takes j's unit offline: the rest of its rounds is dropped, its tags are bad from now on.
func (l *Lane) demote(j *Job, silent *NoAnswer, end moment) {
	u := j.unit
	if u.returns > 0 && end.mono-u.returns <= relapse && j.sched.done < u.returns {
		u.relapse++
	} else {
		u.relapse, u.pause = 0, 0
	}
	l.agenda.down(u, unitOffline)
	l.markOffline(u, silent, end)
	l.probeLater(u, end.mono)
}

// markOffline tells u's tags and devices that it does not answer, and how.
func (l *Lane) markOffline(u *unit, silent *NoAnswer, now moment) {
	u.err = silent.Err
	if u.quality != silent.Quality {
		l.markUnit(u, silent.Quality, now)
	}
	for _, d := range u.devices {
		l.outages.offline(d, Offline, u.err, now)
	}
}

// probeLater has u asked again after its pause.
func (l *Lane) probeLater(u *unit, now time.Duration) {
	u.probed = now
	l.agenda.probe(u, now+l.agenda.nextPause(u))
}

// revive brings u back at now; running is the job that was answered, nil for none.
func (l *Lane) revive(u *unit, now moment, running *Job) {
	l.agenda.up(u, now.mono, running)
	u.quality, u.suspect = mapping.Good, false
	for _, d := range u.devices {
		l.outages.online(d, u, now)
	}
}

// markUnit gives every tag of u a bad quality.
func (l *Lane) markUnit(u *unit, q mapping.Quality, now moment) {
	u.quality = q
	for _, j := range u.jobs {
		l.out.markBad(j, q, now)
	}
}

// declare tells all tags, once, that the link is down because of err.
func (l *Lane) declare(err error) {
	l.out.flush()
	kind, err := linkError(err)
	now := l.now()
	l.lost, l.err = true, err
	for _, u := range l.units {
		l.disconnect(u, now)
	}
	_, devices := l.current()
	for _, d := range devices {
		d.failed(kind, err)
	}
	l.outages.disconnected(devices, err, now)
}

// disconnect takes u off the agenda until the link is back: a unit that was live is to be tried like a new one then.
func (l *Lane) disconnect(u *unit, now moment) {
	state := u.state
	if state == unitOnline {
		state = unitUntried
	}
	l.agenda.down(u, state)
	if u.quality != mapping.BadNotConnected {
		l.markUnit(u, mapping.BadNotConnected, now)
	}
}

// resume makes all jobs due at now: the link is open again. A unit that was offline before gets its probe.
func (l *Lane) resume(now time.Duration) {
	l.lost = false
	l.agenda.free, l.agenda.cautious = now, now
	for _, u := range l.units {
		u.misses = 0
		if u.state == unitOffline {
			u.pause = 0
			l.agenda.probe(u, now)
			continue
		}
		for _, j := range u.jobs {
			j.sched.restart(j.blame.after(now))
			l.agenda.wait(j)
		}
	}
}
