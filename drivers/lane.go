package drivers

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"tagbridge/mapping"
)

// LaneOptions are what a lane needs besides its link. The zero value works.
type LaneOptions struct {
	Name string // the endpoint, for the log
	// Append takes the samples. The batch is the lane's: what is kept of it is copied. An error means that none of it
	// was taken.
	Append func(*mapping.Batch) error
	Log    *slog.Logger
	// Heard is lent each batch of tags' samples as it was read, without being filtered, after Append had it; what it keeps of it, it copies.
	// It returns at once. nil: nobody listens.
	Heard func(*mapping.Batch)
	// ProbeShare is the share of the line's time that probes of units that do not answer may take while another unit
	// does. 0 is 0.05.
	ProbeShare float64
	// Down is since when a device that is new to the lane has been out of reach, as is known from before: its outage
	// is told from there on. Zero: it is not. nil: nothing is known.
	Down func(device string) time.Time
	// Bad is likewise since when a tag has been bad, and with what quality: when that is the quality of its first sample, it
	// is so since then. "": that of a device that does not answer. Zero: it is not known to have been bad.
	Bad func(device, tag string) (since time.Time, quality string)
	// Late is likewise since when the connection of the device has had no time for all polls. Zero: it had.
	Late func(device string) time.Time
	// Lease says when the lane may read; nil: always. Without it the lane is connected to nothing, and its tags wait for
	// initial data.
	Lease *Lease
}

// Lane owns one connection and reads the jobs on it, each exchange when it is due. All of its methods but Run return
// at once (Applied when its context ends, too) and are safe for concurrent use.
type Lane struct {
	roster
	questioner
	link  Link
	name  string
	log   *slog.Logger
	lease *Lease // nil: there is none

	meter   meter
	expects atomic.Int64 // by when Run should be seen to go on; 0 when it is not running

	session session
	out     outbox
	outages outages
	chores  chores
	load    load

	// The rest is Run's.
	applied   []*Job
	units     []*unit
	agenda    agenda
	timer     *time.Timer
	backoff   backoff
	narrowing bool          // see narrow
	blamed    int           // what broke one link after the other, each before it had settled
	lost      bool          // all tags were told that the link is down
	err       error         // because of this
	took      time.Duration // the last exchange
	runaway   bool          // the log has it
}

// NewLane makes a lane on link, which it owns from now on.
func NewLane(link Link, o LaneOptions) *Lane {
	if o.Append == nil {
		o.Append = func(*mapping.Batch) error { return nil }
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.ProbeShare <= 0 || o.ProbeShare > 1 {
		o.ProbeShare = 0.05
	}
	log := o.Log.With("endpoint", o.Name)
	l := &Lane{
		roster: roster{down: o.Down, bad: o.Bad, clock: clock{origin, time.Time.UnixNano}, wake: make(chan struct{}, 1)},
		link:   link, name: o.Name, log: log, lease: o.Lease,
		out: outbox{append: o.Append, heard: o.Heard, log: log, batch: new(mapping.Batch)}, agenda: newAgenda(o.ProbeShare),
		chores: chores{name: o.Name}, load: load{before: o.Late},
	}
	l.outages = outages{log: log, out: &l.out}
	return l
}

// What a lane may take before it counts as stuck: for work of its own, beside an exchange's timeout, and to open.
const (
	workLimit = 10 * time.Second
	openLimit = 2 * time.Minute
)

// expect notes by when the lane should be seen to go on.
func (l *Lane) expect(at time.Duration) { l.expects.Store(int64(at)) }

// Run reads the applied jobs until ctx ends, which is no error: a link that fails is opened again with growing pauses.
// Only Run calls the link, and closes it before it returns. It is called once.
func (l *Lane) Run(ctx context.Context) error {
	_, l.session.pushes = l.link.(Waiter)
	l.timer = time.NewTimer(time.Hour)
	l.timer.Stop()
	l.start(l.now().mono)
	if l.lease != nil {
		l.readWhileHeld(ctx)
	} else {
		l.read(ctx)
	}
	l.out.flush()
	l.expects.Store(0)
	l.finish()
	return nil
}

// read reads until ctx ends, or the lease.
func (l *Lane) read(ctx context.Context) {
	for ctx.Err() == nil && l.mayRead() {
		l.adopt()
		if len(l.applied) == 0 {
			l.refuse(ErrClosed)
			l.sleep(ctx, l.now().mono+time.Hour)
			continue
		}
		if err := l.serve(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, ErrElsewhere) {
			l.declare(err)
			l.rest(ctx, l.now().mono+l.pause())
		}
	}
}

// start sets the clocks going.
func (l *Lane) start(now time.Duration) {
	l.chores.start(now)
	l.meter.start(now)
}

// serve opens the link and reads until ctx or the jobs end, which is no error, or the link fails for good.
func (l *Lane) serve(ctx context.Context) error {
	defer l.close()
	if err := l.open(ctx); err != nil {
		return err
	}
	l.resume(l.now().mono)
	for ctx.Err() == nil && l.mayRead() {
		l.adopt()
		if len(l.applied) == 0 {
			return nil
		}
		now := l.now()
		l.tidy(now)
		var err error
		if q := l.turnOf(now.mono); q != nil {
			err = l.answer(ctx, q)
		} else if j := l.agenda.take(now.mono); j != nil {
			err = l.exchange(ctx, j)
		} else {
			err = l.idle(ctx)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *Lane) open(ctx context.Context) error {
	l.session.dial()
	l.expect(l.now().mono + openLimit)
	if err := l.link.Open(ctx); err != nil {
		return err
	}
	l.session.begin(l.now().mono)
	return nil
}

func (l *Lane) close() {
	if !l.session.end() {
		return
	}
	if err := l.link.Close(); err != nil {
		l.log.Debug("close failed", "err", err)
	}
}

// idle waits, having nothing to do, for the next due job, chore or change.
func (l *Lane) idle(ctx context.Context) error {
	l.out.flush()
	due, ok := l.agenda.next()
	until := l.questionAt(l.now().mono, l.chores.wake(due, ok, l.out.repeats()))
	if w, pushes := l.link.(Waiter); pushes {
		return l.await(ctx, w, until)
	}
	l.sleep(ctx, until)
	return nil
}

// rest waits until the given time with the link closed.
func (l *Lane) rest(ctx context.Context, until time.Duration) {
	for ctx.Err() == nil {
		l.adopt()
		l.refuseDown()
		now := l.now()
		l.tidy(now)
		if now.mono >= until {
			return
		}
		l.sleep(ctx, l.chores.wake(until, true, l.out.repeats()))
	}
}

// sleep waits until the given time, a change or the end of ctx.
func (l *Lane) sleep(ctx context.Context, until time.Duration) {
	d := until - l.now().mono
	if d <= 0 {
		return
	}
	if l.out.release() {
		defer l.out.acquire()
	}
	l.expect(until + workLimit)
	l.timer.Reset(d)
	select {
	case <-l.timer.C:
		return
	case <-l.wake:
	case <-ctx.Done():
	}
	l.timer.Stop()
}

// finish puts what was applied too late to be read into effect, and lets go of whoever waits for it.
func (l *Lane) finish() {
	l.end()
	l.adopt()
	l.closed.Store(true)
	l.refuse(ErrClosed)
}

// tidy does the chores that are due at now.
func (l *Lane) tidy(now moment) {
	if l.out.repeats() && l.chores.repeat(now.mono) {
		l.out.repeat(l.applied, now)
	}
	if l.chores.minute(now.mono) {
		l.minute(now)
	}
}

// minute sends the health of the devices and follows the wall clock with jobs that wait long for it.
func (l *Lane) minute(now moment) {
	l.out.flush()
	_, devices := l.current()
	for _, d := range devices {
		if s := d.now(); s != Connecting && s != Elsewhere {
			mean, ok := d.lastMinute()
			if !ok {
				mean = -1
			}
			l.out.sendHealth(d, s == Online, mean, now)
		}
	}
	for _, j := range l.applied {
		j.lastSpent, j.spent = j.spent, 0
	}
	busy, _, _ := l.meter.read(now.mono)
	l.load.judge(l.log, busy, l.applied, now.mono-l.chores.minuteOf)
	l.chores.minuteOf = now.mono
	for _, j := range l.applied {
		s := &j.sched
		if s.align && !s.free && s.queue == &l.agenda.waiting && s.period > 2*minuteEvery {
			s.due = slewed(s.due, now.offset(), s.period)
			l.agenda.wait(j)
		}
	}
}

// Line describes the connection.
func (l *Lane) Line() LineState {
	now := l.now().mono
	s := LineState{Name: l.name, Connected: l.session.up.Load(), Opens: l.session.opens.Load(), Unsent: l.out.unsent.Load()}
	s.Busy, s.BusyTotal, s.Exchanges = l.meter.read(now)
	if at := time.Duration(l.expects.Load()); at != 0 {
		s.Overdue = max(now-at, 0)
	}
	if l.lease != nil && !l.lease.Held() {
		s.Elsewhere, s.ReadBy = true, elsewhere{l.lease}.by()
	}
	return s
}
