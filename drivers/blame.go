package drivers

import (
	"context"
	"errors"
	"time"

	"tagbridge/mapping"
)

// What was asked when a link broke is remembered. The first time the link is mended and the same is asked again, as a
// peer that closes idle connections must not cost a sample. When it breaks again in the same exchange, that is the
// fault of what was asked, and not of the connection: the link is opened for the others, who go first, and what broke
// it is treated as if it had not been answered. A link that breaks whatever is asked is down.

// mostBlamed is how much may break the link until it rests, when one does so soon after the other.
const mostBlamed = 2

// longestAside is the longest pause of a job that breaks the link.
const longestAside = 10 * time.Minute

// blame is what a lane remembers of a job in whose exchanges the link broke.
type blame struct {
	broke int           // times in a row that it broke at the step, with no answer since
	step  int           // see broke
	pause time.Duration // above 0: the job is set aside, and was for so long
	until time.Duration // until when
}

// broken goes on after the link broke with err in an exchange of j that ended at end. An error means that the link is
// down.
func (l *Lane) broken(ctx context.Context, j *Job, err error, end moment) error {
	silent, known := errors.AsType[*NoAnswer](err)
	worked := l.session.worked(end.mono)
	j.blame.broke++
	j.blame.step = j.sched.step
	if j.blame.broke == 1 && !known && worked {
		l.agenda.queue(j)
		l.agenda.again = j
		return l.mend(ctx, err)
	}
	j.unit.suspect = true
	l.narrowing = known && silent.Alone
	if l.narrowing {
		l.backoff.reset()
	}
	switch {
	case known && silent.Alone: // the request is given up; a unit that answers to others goes on with them at once
		j.unit.suspect, j.blame = j.unit.state == unitUntried, blame{}
	case j.blame.broke == 1 && !known, !worked && !l.session.before && !l.othersLive(j):
		return l.down(err)
	case l.tooMany(end.mono):
		return l.down(err)
	case known:
		l.unanswered(j, silent, l.took, end)
	default:
		l.suspend(j, &NoAnswer{Quality: mapping.BadCommunicationError, Err: err, Broken: true}, end)
	}
	err = l.mend(ctx, err)
	if !l.narrowing {
		l.backoff.next()
	}
	l.agenda.cautious = l.now().mono + settled
	return err
}

// narrow is the pause after a link broke in what its driver narrows down: each time it is known better what does it, so
// the pauses do not grow.
const narrow = 5 * time.Second

// pause is how long the link rests that is down.
func (l *Lane) pause() time.Duration {
	if l.narrowing {
		l.narrowing = false
		return narrow
	}
	return l.backoff.next()
}

// tooMany reports that one thing after another breaks the link, so that it has to rest.
func (l *Lane) tooMany(now time.Duration) bool {
	if now >= l.agenda.cautious {
		l.blamed = 0
	}
	l.blamed++
	return l.blamed > mostBlamed
}

// othersLive reports that something else than j was answered when it was last asked.
func (l *Lane) othersLive(j *Job) bool {
	for _, u := range l.units {
		if u != j.unit && u.state == unitOnline && u.misses == 0 && !u.suspect {
			return true
		}
	}
	o := j.unit.other(j)
	return o != nil && j.unit.state == unitOnline && o.blame.broke == 0 && o.reads()
}

// suspend goes on after an exchange of j broke the link again, and the link knows no smaller one: j is set aside where
// its unit answers to other jobs, else the unit is offline.
func (l *Lane) suspend(j *Job, silent *NoAnswer, end moment) {
	if o := j.unit.other(j); o == nil || !o.reads() || o.blame.broke > 0 {
		j.unit.misses = max(j.unit.misses, j.Device.Retries+1) // it has had its tries
		l.unanswered(j, silent, l.took, end)
		return
	}
	j.dev.failed(ErrorConnection, silent.Err)
	j.missed = true
	j.unit.suspect = false
	b := &j.blame
	if b.pause == 0 {
		l.log.Warn("reading it breaks the connection: it is set aside", "device", j.Device.Name, "period", j.Period, "err", silent.Err)
	}
	l.out.markBad(j, silent.Quality, end)
	j.live.explain(silent.Err.Error())
	b.pause = min(max(2*b.pause, 2*settled), longestAside)
	b.until = end.mono + b.pause
	j.sched.restart(b.until)
	l.agenda.wait(j)
}

// absolve forgets that j broke the link, as the exchange in which it did was answered, or a whole round was.
func (l *Lane) absolve(j *Job, whole bool) {
	if !whole && j.sched.step < j.blame.step {
		return
	}
	if j.blame.pause > 0 {
		l.log.Info("it is read again", "device", j.Device.Name, "period", j.Period)
		j.live.explain("")
	}
	j.blame = blame{}
}

// mend opens a link again that broke with err. An error means that it is down.
func (l *Lane) mend(ctx context.Context, err error) error {
	_ = l.down(err)
	l.log.Debug("connection lost, opening again", "err", err)
	if err := l.open(ctx); err != nil {
		return err
	}
	if l.session.pushes {
		l.renew(l.now().mono)
	}
	return nil
}

// renew makes the jobs of a link that pushes due at now: what was subscribed is gone, and changes may have been missed.
func (l *Lane) renew(now time.Duration) {
	for _, u := range l.units {
		if u.state == unitOffline {
			continue
		}
		for _, j := range u.jobs {
			j.sched.restart(j.blame.after(now))
			l.agenda.wait(j)
		}
	}
}

// brokeWaiting goes on after the link broke with err while nothing was asked. An error means that it is down.
func (l *Lane) brokeWaiting(ctx context.Context, err error) error {
	now := l.now()
	if !l.session.steady(now.mono) {
		return l.down(err)
	}
	if l.outages.reasons.news(err, now.mono) {
		l.log.Warn("connection lost, opening again", "err", err)
	}
	return l.mend(ctx, err)
}

// down closes a link that broke with err, which it returns. The pauses begin anew after one that has lived and
// delivered.
func (l *Lane) down(err error) error {
	if now := l.now().mono; l.session.steady(now) {
		l.backoff.reset()
	}
	l.session.before = l.session.worked(l.now().mono)
	l.out.flush()
	l.close()
	return err
}

// after is when a job may be asked again that would be due at now.
func (b *blame) after(now time.Duration) time.Duration {
	if b.pause == 0 {
		return now
	}
	return max(now, b.until)
}
