package opcua

import (
	"context"
	"errors"
	"time"

	"tagbridge/drivers"
	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping"
)

// subscription is the state of a plan whose values the server pushes. It is built in phases, an exchange each: the
// subscription, its items in chunks, and then everything is read once, so that nothing that changed before the items
// were there goes unnoticed. One that is lost is built again in the same way. What the server does not monitor, which
// can be all of it, is read whenever the subscription is looked after.
type subscription struct {
	id       uint32 // 0: there is none
	epoch    *era   // the session it is of
	interval time.Duration
	alive    time.Duration // how often the server shows that it lives
	heard    time.Time
	sequence uint32   // of the next notification; 0: any
	missing  int      // notifications that were lost
	queue    []uint16 // tags to be monitored
	reading  bool
	gap      bool        // notifications were lost: what is read is delivered where it is newer
	swollen  bool        // its notifications are too large
	reread   bool        // what could not be taken from values can be now
	watched  bool        // the table of namespaces was asked to be monitored
	items    []uint32    // by index: 0: not monitored
	last     []order     // by index: of the value that was delivered last
	from     []origin    // by index: and where that came from
	stale    map[int]int // reads in a row that found another value than was pushed
	auditAt  time.Time
	retryAt  time.Time // when what failed is tried again
	pause    time.Duration
}

// What is asked of subscriptions.
const (
	queueSize    = 10  // values of an item between two publishings
	maxItems     = 500 // created in one request
	minLifetime  = 30 * time.Second
	fallbackKeep = 10
	// Every so many periods of the watchdog everything is read once: an item can be dead although its subscription
	// lives, when its node was replaced at the server.
	auditPeriods = 6
	retryPeriods = 2 // likewise, until failed items are tried again, and then twice as long each time
	lastRetry    = 5 * time.Minute
	staleReads   = 2 // an item that missed so many changes in a row is made anew
)

// subscribe makes the next exchange for a plan that is pushed: what is to be built, or nothing.
func (l *Link) subscribe(ctx context.Context, j *drivers.Job, p *Plan, step int, b *mapping.Batch) (int, error) {
	s := &p.sub
	if step == 0 || p.epoch != l.epoch || s.epoch != l.epoch {
		if err := l.tend(ctx, j, p, b); err != nil {
			return 0, err
		}
	}
	switch {
	case len(s.queue) > 0:
		if err := l.monitor(ctx, p); err != nil {
			return 0, err
		}
		if len(s.queue) == 0 {
			l.startReading(p, false)
		}
		return step + 1, nil
	case s.reading:
		next, err := l.exchange(ctx, p, max(step, 1), b)
		if err == nil && next == 0 {
			s.reading = false
		}
		return next, err
	}
	return 0, nil
}

// tend begins a round: builds what is missing, and tries again what failed.
func (l *Link) tend(ctx context.Context, j *drivers.Job, p *Plan, b *mapping.Batch) error {
	s := &p.sub
	if err := l.retry(ctx, p); err != nil {
		return err
	}
	if err := l.describe(ctx, p); err != nil {
		return err
	}
	if p.grown || p.epoch != l.epoch || s.epoch != l.epoch || s.id == 0 || s.swollen {
		return l.build(ctx, j, p, b)
	}
	now := l.o.Now()
	switch {
	case now.Sub(s.heard) > 2*s.alive+l.o.Watchdog:
		return l.mute(ctx, j, p, b)
	case s.missing > 0:
		l.log.Warn("notifications were lost, everything is read", "device", j.Device.Name, "notifications", s.missing)
		s.missing = 0
		l.startReading(p, true)
	case s.reread:
		s.reread = false
		clear(s.from)
		l.startReading(p, false)
	case len(p.unmonitored) > 0 && !now.Before(s.retryAt):
		if err := l.again(ctx, p); err != nil {
			return err
		}
	case !now.Before(s.auditAt):
		l.startReading(p, false)
	}
	if !s.reading && len(s.queue) == 0 {
		l.readOthers(p)
	}
	return l.askTime(ctx)
}

// mute gives up a subscription of which nothing is heard. When that happens again before anything came, its tags are
// read for a while.
func (l *Link) mute(ctx context.Context, j *drivers.Job, p *Plan, b *mapping.Batch) error {
	if p.silences++; p.silences > 1 {
		l.blame.refused(subscribeService, p.subject(), wire.Status(mapping.BadTimeout), l.o.Now())
	}
	l.log.Warn("subscription is silent, it is built again", "device", j.Device.Name)
	return l.build(ctx, j, p, b)
}

// subscribeService is what the subscriptions of plans are subjects of.
const subscribeService = 787

// subject names the subscription of p.
func (p *Plan) subject() string { return p.o.Period.String() }

// build makes a subscription for p; an old one is given up. Without one the tags are read.
func (l *Link) build(ctx context.Context, j *drivers.Job, p *Plan, b *mapping.Batch) error {
	s := &p.sub
	if s.epoch == l.epoch && s.id != 0 {
		l.Drop(j)
	}
	if err := l.prepare(ctx, j, p, b); err != nil {
		return err
	}
	keep := uint32(max(1, l.o.Watchdog/p.o.Period))
	var got wire.Subscription
	status := wire.Good
	most := 1
	err := l.inquire(ctx, &inquiry{
		what: "create subscription", most: &most,
		of: subjects{service: subscribeService, n: 1, name: func(int) string { return p.subject() }},
		request: func([]int) (wire.Request, int) {
			return wire.CreateSubscription{
				Interval: p.o.Period, KeepAlive: keep, Lifetime: max(3*keep, uint32(minLifetime/p.o.Period)),
				Most: p.perPublish,
			}, 1
		},
		take: func(_ []int, r *wire.Reader) error {
			if got = r.Subscription(); got.ID == 0 {
				return errors.New("no number")
			}
			return r.Err()
		},
		refuse: func(_ int, why wire.Status) { status = why },
	})
	if err != nil {
		return err
	}
	n := len(p.tags)
	*s = subscription{
		epoch: l.epoch, heard: l.o.Now(), items: make([]uint32, n), last: make([]order, n), from: make([]origin, n),
		stale: map[int]int{},
	}
	p.unsubscribed(status)
	if status != wire.Good {
		l.notes.unsubscribed(l.log, j, status)
		l.startReading(p, false)
		return nil
	}
	l.adopt(j, p, got)
	return nil
}

// adopt has j's values come by the subscription that was made.
func (l *Link) adopt(j *drivers.Job, p *Plan, got wire.Subscription) {
	s := &p.sub
	s.id, s.interval = got.ID, max(got.Interval, time.Millisecond)
	if got.KeepAlive == 0 || got.KeepAlive > 1e6 {
		got.KeepAlive = fallbackKeep
	}
	s.alive = s.interval * time.Duration(got.KeepAlive)
	s.queue = p.askable()
	l.push.jobs[s.id] = j
	if len(s.queue) == 0 {
		l.startReading(p, false)
	}
	if s.interval > p.o.Period+p.o.Period/2 {
		p.slow(s.interval)
		l.notes.slow(l.log, j, p.o.Period, s.interval)
	}
	l.notes.rebuilt++
}

// startReading has all nodes of p read in the steps that follow.
func (l *Link) startReading(p *Plan, gap bool) {
	l.abandon(p)
	l.layout(p, p.askable())
	p.sub.reading, p.sub.gap = true, gap
	p.sub.auditAt = l.o.Now().Add(auditPeriods * l.o.Watchdog)
}

// readOthers has what is not monitored read in the steps that follow.
func (l *Link) readOthers(p *Plan) {
	tags := p.askable()
	others := tags[:0]
	for _, i := range tags {
		if !p.monitors(i) {
			others = append(others, i)
		}
	}
	if len(others) == 0 {
		return
	}
	l.abandon(p)
	l.layout(p, others)
	p.sub.reading, p.sub.gap = true, false
}

// Drop implements drivers.Dropper: a job that has left needs no subscription.
func (l *Link) Drop(j *drivers.Job) {
	p, ok := j.Work.(*Plan)
	if !ok || l.s == nil || p.sub.id == 0 || p.sub.epoch != l.epoch {
		return
	}
	delete(l.push.jobs, p.sub.id)
	ctx, cancel := context.WithTimeout(context.Background(), l.o.Watchdog)
	defer cancel()
	if _, err := l.s.Call(ctx, wire.DeleteSubscriptions{IDs: []uint32{p.sub.id}}); err != nil {
		l.log.Debug("subscription could not be deleted", "err", err)
	}
	p.sub.id = 0
}
