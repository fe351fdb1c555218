package drivers

import (
	"time"

	"tagbridge/mapping"
)

// unitState is what is known of a unit.
type unitState uint8

const (
	unitUntried unitState = iota // has not answered since the link opened
	unitOnline
	unitOffline // did not answer retries+1 times
)

// unit is what answers under one number on a lane: the devices with that number are well or ill together.
type unit struct {
	id      int
	jobs    []*Job
	devices []*device
	state   unitState
	misses  int             // exchanges in a row that were not answered
	quality mapping.Quality // what the tags were given when the unit went offline
	err     error           // why it did
	pause   time.Duration   // between probes
	probed  time.Duration   // when the last one ended
	returns time.Duration   // when it last came back
	relapse int             // how often it went again soon after that
	suspect bool            // the link broke in its last exchange
}

func (u *unit) rank() rank {
	switch {
	case u.state == unitOffline:
		return rankProbe
	case u.state == unitUntried && (u.misses > 0 || u.suspect):
		return rankMissed
	case u.state == unitUntried:
		return rankUntried
	case u.misses > 0 || u.suspect:
		return rankShaky
	}
	return rankLive
}

// The pauses between probes of a unit. Alone on its lane a unit is probed at its own period, or every probeAlone.
const (
	firstProbe = time.Second
	lastProbe  = 30 * time.Second
	probeAlone = 5 * time.Second
	// relapse is how soon after its return an outage counts as a part of the one before, and makes its pauses grow: a
	// unit that answers to one thing and never to another must not come and go all the time. One that has meanwhile
	// answered all that the job asks is on a noisy line, where waiting does not help.
	relapse = time.Minute
)

// down takes u's jobs off the agenda and its health to state.
func (a *agenda) down(u *unit, state unitState) {
	if u.state == unitOnline {
		a.live--
	}
	u.state, u.misses = state, 0
	for _, j := range u.jobs {
		j.remove()
		j.sched.running = false
	}
}

// up makes u live at now. All its jobs become due but for running, whose round goes on.
func (a *agenda) up(u *unit, now time.Duration, running *Job) {
	was := u.state
	u.misses, u.suspect = 0, false
	if was != unitOnline {
		u.state = unitOnline
		a.live++
	}
	if was != unitOffline {
		a.requeue(u)
		return
	}
	u.returns = now
	for _, j := range u.jobs {
		if j != running {
			j.sched.restart(j.blame.after(now))
			a.wait(j)
		}
	}
}

// other is the job of u, not j, that is likeliest to be answered: one that was, of those the one longest ago; nil when
// there is none.
func (u *unit) other(j *Job) (w *Job) {
	for _, o := range u.jobs {
		if o == j {
			continue
		}
		if w == nil || o.reads() && !w.reads() || o.reads() == w.reads() && o.sched.start < w.sched.start {
			w = o
		}
	}
	return w
}

// reads reports that j was answered the last time, with something to read.
func (j *Job) reads() bool { return !j.missed && j.live.badTags() < len(j.Current().Series) }

// hurry has the next exchange of j made at now, before those of its unit that wait for their turn: its round begins
// early, unless it is running.
func (a *agenda) hurry(j *Job, now time.Duration) {
	if s := &j.sched; !s.running {
		s.restart(now)
	}
	j.sched.since, j.sched.key = now, now
	for _, o := range j.unit.jobs {
		if o != j && o.sched.queue != &a.waiting {
			j.sched.key = min(j.sched.key, o.sched.key-1)
		}
	}
	a.queue(j)
}

// nextPause is the pause before u is probed again.
func (a *agenda) nextPause(u *unit) time.Duration {
	if a.live == 0 && !u.suspect {
		pause := probeAlone
		for _, j := range u.jobs {
			pause = min(pause, j.sched.period)
		}
		return min(pause<<min(u.relapse, 10), lastProbe)
	}
	u.pause = min(max(2*u.pause, firstProbe), lastProbe)
	return u.pause
}

// probe makes one of u's jobs due at the given time: the one longest overdue.
func (a *agenda) probe(u *unit, at time.Duration) {
	var next *Job
	for _, j := range u.jobs {
		j.remove()
		if next == nil || j.sched.start+j.sched.period < next.sched.start+next.sched.period {
			next = j
		}
	}
	if next != nil {
		next.sched.restart(at)
		a.wait(next)
	}
}
