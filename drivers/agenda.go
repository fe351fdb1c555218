package drivers

import "time"

// rank orders the exchanges of units that may not answer behind those of units that do.
type rank uint8

const (
	rankLive    rank = iota
	rankShaky        // live, but did not answer the last time
	rankUntried      // never asked
	rankMissed       // did not answer to the first try
	rankProbe        // offline
)

// agenda holds the jobs of a lane by what they wait for: their time, or their turn on the line.
type agenda struct {
	waiting  queue // by due
	ready    queue // of live units: earliest deadline first
	doubtful queue // of others: by rank, then deadline
	seq      uint64
	share    float64       // of the line's time that may be lost on units that do not answer
	free     time.Duration // since when that is not used up
	live     int           // units that are live
	again    *Job          // goes first, whatever waits
	cautious time.Duration // until then nothing is asked of what has failed: a new connection is to live for a while
}

func newAgenda(share float64) agenda {
	byKey := func(a, b *schedule) bool {
		if a.rank != b.rank {
			return a.rank < b.rank
		}
		if a.key != b.key {
			return a.key < b.key
		}
		return a.seq < b.seq
	}
	byDue := func(a, b *schedule) bool { return a.due < b.due }
	return agenda{
		waiting: queue{less: byDue}, ready: queue{less: byKey}, doubtful: queue{less: byKey}, share: share,
	}
}

// wait puts j to wait for its due time. Of jobs that are due together the one that waits longest goes first: their
// order, and so the time between two reads of each, stays the same.
func (a *agenda) wait(j *Job) {
	j.remove()
	a.seq++
	j.sched.seq = a.seq
	a.waiting.push(j)
}

// queue puts j, whose round is due or running, to wait for its turn with the key it has.
func (a *agenda) queue(j *Job) {
	j.remove()
	j.sched.rank = j.unit.rank()
	if j.sched.rank == rankLive {
		a.ready.push(j)
	} else {
		a.doubtful.push(j)
	}
}

// requeue gives the jobs of u that wait for their turn the place that u's health says.
func (a *agenda) requeue(u *unit) {
	for _, j := range u.jobs {
		if q := j.sched.queue; q == &a.ready || q == &a.doubtful {
			a.queue(j)
		}
	}
}

// take removes the job whose exchange is to be made at now, or returns nil.
func (a *agenda) take(now time.Duration) *Job {
	for j := a.waiting.top(); j != nil && j.sched.due <= now; j = a.waiting.top() {
		j.sched.since = now
		j.sched.key = j.sched.due + j.sched.period
		if j.unit.state == unitOffline {
			j.sched.key = j.unit.probed
		}
		a.queue(j)
	}
	if j := a.again; j != nil {
		a.again = nil
		if q := j.sched.queue; q == &a.ready || q == &a.doubtful {
			j.remove()
			return j
		}
	}
	j := a.doubtful.top()
	if now < a.cautious {
		j = a.untried()
	}
	for ; j != nil && j.sched.rank == rankProbe && !a.mayProbe(j.unit, now); j = a.doubtful.top() {
		a.probe(j.unit, a.free)
	}
	if live := a.ready.top(); live != nil && (j == nil || !a.overtakes(j, now)) {
		j = live
	}
	if j != nil {
		j.remove()
	}
	return j
}

// untried is the first job of a unit that nothing is known of, nil when none waits for its turn.
func (a *agenda) untried() (first *Job) {
	for _, j := range a.doubtful.jobs {
		if j.sched.rank == rankUntried && (first == nil || a.doubtful.less(&j.sched, &first.sched)) {
			first = j
		}
	}
	return first
}

// mayProbe reports that time may be lost on u now: without a limit where it is at nobody's cost.
func (a *agenda) mayProbe(u *unit, now time.Duration) bool {
	return now >= a.free || a.live == 0
}

// patience bounds how long a line that is never idle keeps a unit waiting that has not answered.
const patience = 5 * time.Second

// overtakes reports that j of a unit in doubt has waited long enough to go before live ones that are due. A unit that
// has lost one answer does not wait for the share that the dead ones use up.
func (a *agenda) overtakes(j *Job, now time.Duration) bool {
	waited := now-j.sched.since >= min(j.sched.period, patience)
	return waited && (j.sched.rank == rankShaky || now >= a.free)
}

// lost books an exchange that was not answered and ended at now.
func (a *agenda) lost(took, now time.Duration) {
	a.free = max(a.free, now+time.Duration(float64(took)*(1-a.share)/a.share))
}

// next is when the next job is due, or the caution ends; false when none waits for that.
func (a *agenda) next() (time.Duration, bool) {
	j, held := a.waiting.top(), a.doubtful.top() != nil
	switch {
	case j != nil && held:
		return min(j.sched.due, a.cautious), true
	case j != nil:
		return j.sched.due, true
	}
	return a.cautious, held
}
