package drivers

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Samples wait for others of their round no longer than emitWithin, and carry the time of its first answer when theirs
// came within sameTime.
const (
	emitWithin = 20 * time.Millisecond
	sameTime   = 100 * time.Millisecond
)

// exchange makes the next exchange of j. An error means that the link cannot be used any more.
func (l *Lane) exchange(ctx context.Context, j *Job) error {
	now, s := l.now(), &j.sched
	if l.owner != j || now.mono+l.took > l.oldest+emitWithin {
		l.flush()
	}
	if l.owner == nil {
		l.batch.Reset(j.Current())
		l.batch.Samples = slices.Grow(l.batch.Samples, len(j.Current().Series))
		l.owner = j
	}
	if !s.running {
		if skipped := s.begin(now.mono); skipped > 0 {
			l.late += skipped
			j.dev.begun(skipped)
		}
	}
	l.expect(now.mono + j.Device.Timeout + workLimit)
	before := len(l.batch.Samples)
	next, err := l.link.Do(ctx, j, s.step, l.batch)
	l.settle(j)
	end := l.now()
	l.took = end.mono - now.mono
	l.meter.add(now.mono, end.mono)
	j.spent += l.took
	if err == nil {
		l.stamp(j, before, end)
		l.answered(j, next, end)
		return nil
	}
	silent, ok := errors.AsType[*NoAnswer](err)
	if ok && silent.Alone {
		l.givenUp(j, before, next, silent, end)
		return nil
	}
	l.batch.Samples = l.batch.Samples[:before]
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if ok {
		l.unanswered(j, silent, l.took, end)
		return nil
	}
	l.agenda.queue(j) // the same again, should the link be mended
	return l.broken(ctx, err)
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
	samples := l.batch.Samples[from:]
	if from == 0 && len(samples) > 0 {
		l.oldest = end.mono
	}
	for i := range samples {
		if samples[i].Time == 0 {
			samples[i].Time = wall
		}
	}
}

// answered goes on after an answer to j at end: with exchange next, or for 0 to the next round.
func (l *Lane) answered(j *Job, next int, end moment) {
	l.prove()
	j.missed = false
	if u := j.unit; u.state != unitOnline || u.misses > 0 {
		l.revive(u, end, j)
	}
	j.dev.answered(l.took)
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
	l.flush()
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

// prove notes that the link works.
func (l *Lane) prove() {
	if !l.proven {
		l.proven = true
		l.backoff.reset()
		l.up.Store(true)
	}
}

// broken mends a link that failed with err, once: a peer that closes idle connections must not cost a sample. An error
// means that it is really down.
func (l *Lane) broken(ctx context.Context, err error) error {
	worked := l.proven
	l.flush()
	l.close()
	if !worked {
		return err
	}
	l.log.Debug("connection lost, opening again", "err", err)
	if err := l.open(ctx); err != nil {
		return err
	}
	if _, pushes := l.link.(Waiter); pushes {
		l.resume(l.now().mono) // what was subscribed is gone, and changes may have been missed
	}
	return nil
}
