package drivers

import (
	"context"
	"errors"
)

// exchange makes the next exchange of j. An error means that the link is down.
func (l *Lane) exchange(ctx context.Context, j *Job) error {
	now, s := l.now(), &j.sched
	before := l.out.gather(j, now.mono+l.took)
	if !s.running {
		if skipped := s.begin(now.mono); skipped > 0 {
			l.load.late += skipped
			j.dev.begun(skipped)
		}
	}
	l.expect(now.mono + j.Device.Timeout + openLimit) // the link may have to be opened anew
	next, err := l.link.Do(ctx, j, s.step, l.out.batch)
	end := l.now()
	l.out.endRegrouped(j, end)
	l.took = end.mono - now.mono
	l.meter.add(now.mono, end.mono)
	j.spent += l.took
	if err == nil {
		l.stamp(j, before, end)
		read := len(l.out.batch.Samples) > before
		l.out.compute(j, before, next == 0, end)
		read = read || len(l.out.batch.Samples) > before || j.Compute.idle()
		l.answered(j, next, read, end)
		return nil
	}
	silent, ok := errors.AsType[*NoAnswer](err)
	alone := ok && silent.Alone
	if alone {
		l.givenUp(j, before, next, silent, end)
	} else {
		l.out.batch.Samples = l.out.batch.Samples[:before]
	}
	switch {
	case ctx.Err() != nil && !alone:
		return ctx.Err()
	case !ok || silent.Broken:
		return l.broken(ctx, j, err, end)
	case !alone:
		l.unanswered(j, silent, l.took, end)
	}
	return nil
}

// stamp gives the samples from the index on that bring no time the one of the answer that came at end.
func (l *Lane) stamp(j *Job, from int, end moment) {
	s := &j.sched
	wall := end.wall
	switch {
	case !j.Device.TimestampPerPoll:
	case !s.answered:
		s.answered, s.first = true, end
	case end.mono-s.first.mono <= sameTime:
		wall = s.first.wall
	}
	l.out.added(from, end.mono, wall)
}

// answered goes on after an answer to j at end: with exchange next, or for 0 to the next round. A unit whose values are
// pushed is alive when the first have come.
func (l *Lane) answered(j *Job, next int, delivered bool, end moment) {
	l.session.prove()
	l.session.delivered = l.session.delivered || delivered
	j.missed = false
	if j.blame.broke > 0 {
		l.absolve(j, next == 0)
	}
	if u := j.unit; (u.state != unitOnline || u.misses > 0 || u.suspect) && (delivered || !l.session.pushes) {
		l.revive(u, end, j)
	}
	j.dev.answered(l.took, end.wall)
	l.proceed(j, next, end)
}

// proceed goes on with exchange next of j's round, or for 0 to the next round.
func (l *Lane) proceed(j *Job, next int, end moment) {
	s := &j.sched
	s.exchanges++
	if next > 0 && s.exchanges >= l.bound(j) {
		l.endless(j)
		next = 0
	}
	if next > 0 {
		s.step = next
		l.agenda.queue(j)
		return
	}
	j.dev.polled()
	l.out.flush()
	s.end(end)
	l.agenda.wait(j)
}

// bound is how many exchanges a round of j may have: blocks that split until every tag is alone need twice as many as
// there are tags.
func (l *Lane) bound(j *Job) int { return 64 + 4*len(j.Current().Series) }

// endless books a round that is ended because it does not end by itself.
func (l *Lane) endless(j *Job) {
	j.dev.failed(ErrorRunaway, errors.New("a round of exchanges did not end"))
	if !l.runaway {
		l.runaway = true
		l.log.Error("round does not end", "device", j.Device.Name, "exchanges", j.sched.exchanges)
	}
}
