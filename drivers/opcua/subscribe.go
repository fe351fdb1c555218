package opcua

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tagbridge/drivers"
	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping"
)

// subscription is the state of a plan whose values the server pushes. It is built in phases, an exchange each: the
// subscription, its items in chunks, and then everything is read once, so that nothing that changed before the items
// were there goes unnoticed. One that is lost is built again in the same way.
type subscription struct {
	id       uint32 // 0: there is none
	epoch    *era   // the session it is of
	interval time.Duration
	alive    time.Duration // how often the server shows that it lives
	heard    time.Time
	sequence uint32   // of the next notification; 0: any
	queue    []uint16 // tags to be monitored
	reading  bool
	watched  bool         // the table of namespaces is monitored
	gap      bool         // notifications were lost: read
	items    []uint32     // by index: 0: not monitored
	plain    map[int]bool // the server does not take the tag's deadband
	failed   map[int]bool // not monitored, to be tried again
	retryAt  time.Time
	stale    map[int]int // reads in a row that found another value than was pushed
	auditAt  time.Time
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
	retryPeriods = 2 // likewise, until failed items are tried again
	staleReads   = 2 // an item that missed so many changes in a row is made anew
)

// subscribe makes the next exchange for a plan that is pushed: what is to be built, or nothing.
func (l *Link) subscribe(ctx context.Context, j *drivers.Job, p *Plan, step int, b *mapping.Batch) (int, error) {
	s := &p.sub
	if step == 0 {
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
			l.startReading(p)
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
	if p.grown || p.epoch != l.epoch || s.epoch != l.epoch || s.id == 0 {
		return l.build(ctx, j, p, b)
	}
	switch {
	case l.o.Now().Sub(s.heard) > 2*s.alive+l.o.Watchdog:
		l.log.Warn("subscription is silent, it is built again", "device", j.Device.Name)
		return l.build(ctx, j, p, b)
	case s.gap:
		s.gap = false
		l.startReading(p)
	case len(s.failed) > 0 && !l.o.Now().Before(s.retryAt):
		return l.again(ctx, p)
	case !l.o.Now().Before(s.auditAt):
		l.startReading(p)
	}
	return l.check(ctx)
}

// build makes a subscription for p; an old one is given up.
func (l *Link) build(ctx context.Context, j *drivers.Job, p *Plan, b *mapping.Batch) error {
	s := &p.sub
	if s.epoch == l.epoch && s.id != 0 {
		l.Drop(j)
	}
	if err := l.prepare(ctx, j, p, b); err != nil {
		return err
	}
	keep := uint32(max(1, l.o.Watchdog/p.o.Period))
	r, err := l.s.Call(ctx, wire.CreateSubscription{
		Interval:  p.o.Period,
		KeepAlive: keep,
		Lifetime:  max(3*keep, uint32(minLifetime/p.o.Period)),
	})
	if err != nil {
		return fmt.Errorf("create subscription: %w", err)
	}
	got := r.Subscription()
	if r.Err() != nil || got.ID == 0 {
		return fmt.Errorf("create subscription: unusable answer (%v)", r.Err())
	}
	*s = subscription{
		id: got.ID, epoch: l.epoch, heard: l.o.Now(), interval: max(got.Interval, time.Millisecond),
		items: make([]uint32, len(p.tags)), plain: s.plain, failed: map[int]bool{}, stale: map[int]int{},
	}
	if s.plain == nil {
		s.plain = map[int]bool{}
	}
	if got.KeepAlive == 0 || got.KeepAlive > 1e6 {
		got.KeepAlive = fallbackKeep
	}
	s.alive = s.interval * time.Duration(got.KeepAlive)
	s.queue = p.askable()
	l.push.jobs[s.id] = j
	if len(s.queue) == 0 {
		l.startReading(p)
	}
	l.notes.rebuilt++
	return nil
}

// startReading has all nodes of p read in the steps that follow.
func (l *Link) startReading(p *Plan) {
	l.abandon(p)
	p.chunks = p.layout(p.askable())
	p.sub.reading = true
	p.sub.auditAt = l.o.Now().Add(auditPeriods * l.o.Watchdog)
}

// audit compares what was read of tag i with what was pushed last. The caller holds p.mu.
func (l *Link) audit(p *Plan, i int, v *wire.DataValue) {
	s := &p.sub
	raw := v.Value.Raw[:min(len(v.Value.Raw), maxRaw)]
	switch {
	case s.items[i] == 0:
		return
	case v.Status.Base() == wire.BadNodeIDUnknown:
		s.stale[i] = staleReads
	case len(p.raw[i]) > 0 && p.tags[i].Deadband.Value == 0 && string(raw) != string(p.raw[i]):
		s.stale[i]++
	}
	if s.stale[i] >= staleReads {
		delete(s.stale, i)
		s.failed[i] = true
		s.retryAt = l.o.Now().Add(retryPeriods * l.o.Watchdog)
	}
}

// again asks for items once more that could not be made.
func (l *Link) again(ctx context.Context, p *Plan) error {
	s := &p.sub
	var dead wire.DeleteItems
	for i := range s.failed {
		if id := s.items[i]; id != 0 {
			dead.IDs = append(dead.IDs, id)
			s.items[i] = 0
		}
		p.nodes[i].bad = wire.Good
		s.queue = append(s.queue, uint16(i))
	}
	clear(s.failed)
	if len(dead.IDs) == 0 {
		return nil
	}
	dead.Subscription = s.id
	_, err := l.s.Call(ctx, dead)
	return passing(err)
}

// monitor creates the next items of the queue.
func (l *Link) monitor(ctx context.Context, p *Plan) error {
	s := &p.sub
	q := wire.CreateItems{Subscription: s.id, Times: p.asked(), Sampling: s.interval, Queue: queueSize}
	watched := 0
	if !s.watched && p.indexed() && l.limits.monitor > 1 {
		watched, s.watched = 1, true
		q.Items = append(q.Items, wire.Item{Node: namespaceArray, Handle: p.tableHandle()})
	}
	n, size := 0, 0
	for n < len(s.queue) && n+watched < min(l.limits.monitor, maxItems) && size < maxBytes {
		it := l.item(p, int(s.queue[n]))
		size += 80 + len(it.Node.Text)
		q.Items = append(q.Items, it)
		n++
	}
	r, err := l.s.Call(ctx, q)
	if status, ok := errors.AsType[wire.Status](err); ok {
		switch {
		case status.TooLarge() && n > 1:
			l.limits.monitor = n / 2
			s.watched = false
			return nil
		case status.Base() == wire.BadSubscriptionIDInvalid:
			s.id = 0
			s.queue = nil
			return nil
		case status.SessionLost():
			return err
		}
		for _, i := range s.queue[:n] {
			p.fail(int(i), status)
		}
		s.queue = s.queue[n:]
		return nil
	}
	if err != nil {
		return fmt.Errorf("create monitored items: %w", err)
	}
	results := r.ItemResults()
	if r.Err() != nil || len(results) != len(q.Items) {
		return fmt.Errorf("create monitored items: %d results for %d items (%v)", len(results), len(q.Items), r.Err())
	}
	done := s.queue[:n]
	s.queue = s.queue[n:]
	for k, i := range done {
		p.monitored(int(i), q.Items[watched+k], results[watched+k])
	}
	if len(s.failed) > 0 {
		s.retryAt = l.o.Now().Add(retryPeriods * l.o.Watchdog)
	}
	return nil
}

// item is what is asked for tag i: with its deadband as the server sees it, in raw units.
func (l *Link) item(p *Plan, i int) wire.Item {
	t := p.tags[i]
	it := wire.Item{Node: p.nodes[i].id, Handle: uint32(i)}
	if p.sub.plain[i] || t.Deadband.Value == 0 || t.Element != "" {
		return it
	}
	if it.Deadband, it.Percent = t.Deadband.Value, t.Deadband.Percent; !it.Percent {
		it.Deadband *= unscale(t)
	}
	return it
}

// monitored notes what became of the item of tag i.
func (p *Plan) monitored(i int, it wire.Item, got wire.ItemResult) {
	s := &p.sub
	switch got.Status.Base() {
	case wire.BadFilterNotAllowed, wire.BadMonitoredFilterUnsupport, wire.BadMonitoredFilterInvalid, wire.BadDeadbandFilterInvalid:
		if it.Deadband != 0 {
			s.plain[i] = true // the bridge applies it
			s.queue = append(s.queue, uint16(i))
			return
		}
	}
	if got.Status.IsBad() {
		p.fail(i, got.Status)
		return
	}
	s.items[i] = got.ID
}

// fail notes that tag i is not monitored.
func (p *Plan) fail(i int, status wire.Status) {
	p.refuse(i, status, "the server does not monitor it: "+status.Error())
	p.sub.failed[i] = true
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
