package opcua

import (
	"context"
	"errors"
	"time"

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
func (v subscriber) subscribe(ctx context.Context, step int, b *mapping.Batch) (int, error) {
	s := &v.p.sub
	if step == 0 || v.p.epoch != v.epoch || s.epoch != v.epoch {
		if err := v.tend(ctx, b); err != nil {
			return 0, err
		}
	}
	switch {
	case len(s.queue) > 0:
		if err := v.monitor(ctx); err != nil {
			return 0, err
		}
		if len(s.queue) == 0 {
			v.startReading(false)
		}
		return step + 1, nil
	case s.reading:
		next, err := v.exchange(ctx, max(step, 1), b)
		if err == nil && next == 0 {
			s.reading = false
		}
		return next, err
	}
	return 0, nil
}

// tend begins a round: builds what is missing, and tries again what failed.
func (v subscriber) tend(ctx context.Context, b *mapping.Batch) error {
	s := &v.p.sub
	if err := v.retry(ctx); err != nil {
		return err
	}
	if err := v.describe(ctx); err != nil {
		return err
	}
	if v.p.outgrown || v.p.epoch != v.epoch || s.epoch != v.epoch || s.id == 0 || s.swollen {
		return v.build(ctx, b)
	}
	now := v.o.Now()
	switch {
	case now.Sub(s.heard) > 2*s.alive+v.o.Watchdog:
		return v.mute(ctx, b)
	case s.missing > 0:
		v.log.Warn("notifications were lost, everything is read", "device", v.j.Device.Name, "notifications", s.missing)
		s.missing = 0
		v.startReading(true)
	case s.reread:
		s.reread = false
		clear(s.from)
		v.startReading(false)
	case len(v.p.unmonitored) > 0 && !now.Before(s.retryAt):
		if err := v.again(ctx); err != nil {
			return err
		}
	case !now.Before(s.auditAt):
		v.startReading(false)
	}
	if !s.reading && len(s.queue) == 0 {
		v.readOthers()
	}
	return v.askTime(ctx)
}

// mute gives up a subscription of which nothing is heard. When that happens again before anything came, its tags are
// read for a while.
func (v subscriber) mute(ctx context.Context, b *mapping.Batch) error {
	if v.p.silences++; v.p.silences > 1 {
		v.blame.refused(subscribeService, v.p.subject(), wire.Status(mapping.BadTimeout), v.o.Now())
	}
	v.log.Warn("subscription is silent, it is built again", "device", v.j.Device.Name)
	return v.build(ctx, b)
}

// subscribeService is what the subscriptions of plans are subjects of.
const subscribeService = 787

// build makes a subscription for p; an old one is given up. Without one the tags are read.
func (v subscriber) build(ctx context.Context, b *mapping.Batch) error {
	s := &v.p.sub
	if s.epoch == v.epoch && s.id != 0 {
		v.Drop(v.j)
	}
	if err := v.prepare(ctx, b); err != nil {
		return err
	}
	keep := uint32(max(1, v.o.Watchdog/v.p.o.Period))
	var got wire.Subscription
	status := wire.Good
	most := 1
	err := v.inquire(ctx, &inquiry{
		what: "create subscription", most: &most,
		of: subjects{service: subscribeService, n: 1, name: func(int) string { return v.p.subject() }},
		request: func([]int) (wire.Request, int) {
			return wire.CreateSubscription{
				Interval: v.p.o.Period, KeepAlive: keep, Lifetime: max(3*keep, uint32(minLifetime/v.p.o.Period)),
				Most: v.p.perPublish,
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
	n := len(v.p.tags)
	*s = subscription{
		epoch: v.epoch, heard: v.o.Now(), items: make([]uint32, n), last: make([]order, n), from: make([]origin, n),
		stale: map[int]int{},
	}
	v.p.unsubscribed(status)
	if status != wire.Good {
		v.notes.unsubscribed(v.log, v.j, status)
		v.startReading(false)
		return nil
	}
	v.adopt(got)
	return nil
}

// adopt has j's values come by the subscription that was made.
func (v subscriber) adopt(got wire.Subscription) {
	s := &v.p.sub
	s.id, s.interval = got.ID, max(got.Interval, time.Millisecond)
	if got.KeepAlive == 0 || got.KeepAlive > 1e6 {
		got.KeepAlive = fallbackKeep
	}
	s.alive = s.interval * time.Duration(got.KeepAlive)
	s.queue = v.p.askable()
	v.push.jobs[s.id] = v.j
	if len(s.queue) == 0 {
		v.startReading(false)
	}
	if s.interval > v.p.o.Period+v.p.o.Period/2 {
		v.p.slow(s.interval)
		v.notes.slow(v.log, v.j, v.p.o.Period, s.interval)
	}
	v.notes.rebuilt++
}

// startReading has all nodes of p read in the steps that follow.
func (v subscriber) startReading(gap bool) {
	v.abandon()
	v.layout(v.p.askable())
	v.p.sub.reading, v.p.sub.gap = true, gap
	v.p.sub.auditAt = v.o.Now().Add(auditPeriods * v.o.Watchdog)
}

// readOthers has what is not monitored read in the steps that follow.
func (v subscriber) readOthers() {
	tags := v.p.askable()
	others := tags[:0]
	for _, i := range tags {
		if !v.p.monitors(i) {
			others = append(others, i)
		}
	}
	if len(others) == 0 {
		return
	}
	v.abandon()
	v.layout(others)
	v.p.sub.reading, v.p.sub.gap = true, false
}
