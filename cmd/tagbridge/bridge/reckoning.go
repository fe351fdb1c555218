package bridge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/mapping/reckon"
	"tagbridge/sinks"
)

// Windows, totals and alarms are reckoned from what the journal has taken, by a reader with a place of its own there: the
// reckoner. What it reckons with is kept with the position up to which it counts; after a kill it reads on from there.

const (
	reckonFlush = 50 * time.Millisecond  // how long what was read waits for more
	reckonTick  = 250 * time.Millisecond // how often windows are looked at that may have come to their end
	reckonMax   = 5000                   // samples at a time
	// untold is after how long what was given is in the journal, if it is to be there at all.
	untold = 10 * time.Second
	// settleTime is how long the clock waits at the start for what was given again.
	settleTime = 3 * time.Second
)

// reckoning runs the reckoner.
type reckoning struct {
	log     sampleLog
	logger  *slog.Logger
	give    func(*reckon.Reckoner, []reckon.Given) // to the lanes
	present func(yield func(*mapping.Batch))
	say     func(device, tag string, at time.Time, text string)
	alarms  alarmTeller
	left    func(devices map[string]bool) // see leftReckoned
	files   checkpoints
	changes chan change
	task    *task

	// The rest is the task's.
	core    *reckon.Reckoner
	pos     sinks.Pos
	kept    checkpoint
	caught  sinks.Pos // from here on nothing is made up for
	sure    sinks.Pos // from here on nothing comes again; 0: nothing does
	next    time.Time // when the next checkpoint is due
	written sinks.Pos // of the last one
	failing bool
	view    sinks.View
	since   time.Time // when everything was made up for; zero: it is not yet
	calm    bool      // see settled
	told    time.Time // when it was said last that samples are lost
	summed  time.Time // when counts were made last
	begun   bool      // alarms that go on are known to be active
	began   int64     // when that was

	toldBefore toldAlarms // what was told of alarms before that, from a time on; nil: it was not asked for
	toldSince  int64

	leases map[string]*followed // by device; nil: nobody else reads any

	mu      sync.Mutex
	state   ReckonState
	counted sinks.Pos // pos, for others
	counts  []ReckonCounts
	odd     map[[2]string]reckon.Counts // by device and tag, of those that have any
}

// ReckonState is how the reckoner is doing.
type ReckonState struct {
	Tags   int
	Bytes  int    // of the last state that was written
	Lost   uint64 // samples that the journal lost before they were counted
	Error  string // why the state cannot be kept
	Behind uint64 // samples of the journal that are still to be counted
}

// change is that other tags are to be reckoned from a position on.
type change struct {
	specs  []reckon.Spec
	from   sinks.Pos // the new ones
	sure   sinks.Pos
	seeds  []mapping.Batch
	leases map[string]*followed
	answer chan struct{}
}

// startReckoning begins to reckon what cfg says. It is called before the journal runs.
func (b *Bridge) startReckoning(dataDir string, cfg *config.Config) *reckoning {
	specs := reckonedOf(cfg)
	r := &reckoning{
		log: b.journal, logger: b.o.Log, give: b.giveReckoned, alarms: b, files: checkpoints{dir: dataDir}, changes: make(chan change),
		present: func(yield func(*mapping.Batch)) { b.now.Load().present(yield) },
		say:     b.sayReckoned,
		left:    b.leftReckoned,
		leases:  b.leasesOf(cfg, specs),
	}
	if b.diskless != "" {
		r.files.dir = "" // of a disk that cannot be written nothing is known
	}
	r.open(specs, b.journal.LastRead())
	r.task = begin(r.run)
	return r
}

// open finds out where to go on.
func (r *reckoning) open(specs []reckon.Spec, last time.Time) {
	r.core = reckon.New(specs)
	kept, err := r.files.read()
	if r.files.dir == "" {
		kept, err = nil, nil
	}
	if len(specs) == 0 && kept == nil && err == nil {
		return
	}
	_, known := r.log.Waiting(sinks.Reckoner)
	if len(specs) == 0 {
		if kept != nil {
			r.kept = *kept
			_, _ = r.core.ParseState(kept.state, time.Now().UnixNano()) // so that it is kept on
		}
		return
	}
	pos := r.start()
	end := r.log.End()
	r.pos, r.caught = pos, end
	switch {
	case err != nil && kept != nil:
		r.logger.Warn("the last state of windows and totals cannot be read: they go on from the one before it", "err", err)
	case err != nil:
		r.logger.Error("the state of windows and totals cannot be read: they begin anew", "err", err)
	}
	if r.leases != nil {
		r.pos, known, kept = end, false, nil // others may have read since then: everything begins anew
	}
	if kept != nil {
		r.resume(kept, known, pos, end)
	}
	if (known || kept != nil) && !last.IsZero() && len(r.kept.pauses) < mostBreaks {
		r.kept.pauses = append(r.kept.pauses, pause{end, last.UnixNano()})
	}
	r.checkpoint()
}

// start takes the reckoner's place in the log.
func (r *reckoning) start() sinks.Pos {
	pos, _ := r.log.Start(sinks.Reckoner, "now")
	r.log.Settle(sinks.Reckoner)
	w, _ := r.log.Waiting(sinks.Reckoner)
	r.kept.log = uint64(w.Ever.Since.UnixNano())
	return pos
}

// resume goes on with what was kept. pos is the place in the log, which was known before or not.
func (r *reckoning) resume(kept *checkpoint, known bool, pos, end sinks.Pos) {
	same := known && kept.log == r.kept.log
	switch {
	case same && kept.left:
		r.pos = end // what came meanwhile was not to be counted
	case same:
		r.pos, r.kept.pauses = min(kept.pos, end), kept.pauses // a loss of power can leave the log with less
	case known:
		r.logger.Warn("the journal is another one than windows and totals were reckoned from: they begin anew")
		return
	default:
		r.logger.Warn("the journal is a new one: windows and totals go on with what it takes from now on")
	}
	changed, err := r.core.ParseState(kept.state, time.Now().UnixNano())
	if err != nil {
		r.logger.Error("the state of windows and totals cannot be read: they begin anew", "err", err)
		r.pos, r.kept.pauses = pos, nil
		return
	}
	r.tell(changed)
}

// tell says which tags begin anew.
func (r *reckoning) tell(c reckon.Changed) {
	now := time.Now()
	for _, name := range c.Anew {
		r.sayOf(name, now, "is reckoned otherwise than before: it begins anew")
	}
	for _, name := range c.Torn {
		r.sayOf(name, now, "begins anew: what was kept of it cannot be read")
	}
	for _, name := range c.Back {
		r.sayOf(name, now, "is there again: it goes on where it ended")
	}
}

func (r *reckoning) sayOf(name string, at time.Time, text string) {
	device, tag := reckon.Split(name)
	r.say(device, tag, at, text)
}

// run reckons until ctx ends.
func (r *reckoning) run(ctx context.Context) {
	for ctx.Err() == nil {
		if r.core.Len() == 0 {
			select {
			case c := <-r.changes:
				r.change(c)
			case <-ctx.Done():
			}
			continue
		}
		select {
		case c := <-r.changes:
			r.catchUp(ctx, c.from)
			r.change(c)
			continue
		default:
		}
		if !r.read(ctx) {
			return
		}
		if r.pos >= r.caught {
			r.tick()
		}
		if !time.Now().Before(r.next) && r.pos != r.written {
			r.checkpoint()
		}
	}
	if r.core.Len() > 0 {
		r.finish()
	}
}

// finish takes what is left in the journal, and keeps the state.
func (r *reckoning) finish() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	r.catchUp(ctx, r.log.End())
	if r.pos >= r.caught {
		r.tellAlarms()
	}
	r.checkpoint()
}

// catchUp reads up to pos.
func (r *reckoning) catchUp(ctx context.Context, pos sinks.Pos) {
	for r.pos < pos && ctx.Err() == nil && r.read(ctx) {
	}
}

// read takes what comes next from the log, for a while; false: the log is closed.
func (r *reckoning) read(ctx context.Context) bool {
	within, cancel := context.WithTimeout(ctx, reckonTick)
	defer cancel()
	next, err := r.log.Next(within, r.pos, sinks.Query{Sink: sinks.Reckoner, Max: reckonMax, Flush: reckonFlush}, &r.view)
	switch {
	case err == nil:
	case within.Err() != nil && errors.Is(err, within.Err()):
		return true
	default:
		if ctx.Err() == nil {
			r.logger.Error("windows and totals are not reckoned any more", "err", err)
		}
		return false
	}
	if r.view.Lost > 0 {
		r.core.Away(0)
		r.lose(r.view.Lost)
	}
	r.take(next)
	return true
}

// lose counts samples that the log has lost, and says so once a minute at most.
func (r *reckoning) lose(n uint64) {
	r.mu.Lock()
	r.state.Lost += n
	lost := r.state.Lost
	r.mu.Unlock()
	if now := time.Now(); r.told.IsZero() || now.Sub(r.told) > time.Minute {
		r.told = now
		r.logger.Warn("the journal has lost samples that windows and totals had not counted yet: they take it for a time without values", "samples", lost)
	}
}

// take puts what was read, which ends at next, with the pauses at their places.
func (r *reckoning) take(next sinks.Pos) {
	r.follow()
	at, from := next-sinks.Pos(r.view.Len()), 0
	for len(r.kept.pauses) > 0 && r.kept.pauses[0].pos <= next {
		p := r.kept.pauses[0]
		r.kept.pauses = r.kept.pauses[1:]
		to := from
		if p.pos > at {
			to = int(p.pos - at)
		}
		r.put(from, to)
		from = to
		r.core.Away(p.at)
	}
	if from == 0 {
		for i := range r.view.Batches {
			r.core.Put(&r.view.Batches[i])
		}
	} else {
		r.put(from, r.view.Len())
	}
	r.pos = next
	r.reached(next)
	if r.sure != 0 && r.pos >= r.sure {
		r.sure = 0
		r.core.Sure()
	}
}

// put puts a part of the view.
func (r *reckoning) put(from, to int) {
	if from >= to {
		return
	}
	part := r.view.Slice(from, to)
	for i := range part.Batches {
		r.core.Put(&part.Batches[i])
	}
}

// tick has the clock do its part, and hands on what there is.
func (r *reckoning) tick() {
	r.follow()
	now := time.Now()
	if r.settled(now) {
		r.core.Tick(now.UnixNano())
	}
	given, notes := r.core.Take(now.UnixNano())
	r.tellAlarms()
	if len(given) > 0 {
		r.give(r.core, given)
	}
	for _, n := range notes {
		s := r.core.Spec(n.Tag)
		r.say(s.Device, s.Tag, time.Unix(0, n.Time), n.Text)
	}
	r.core.Taken()
	if now.Sub(r.summed) > time.Second {
		r.summed = now
		r.sum()
	}
}

// settled reports that what was given at the start is in the journal, and was read: it may belong to a window that the clock
// would end else.
func (r *reckoning) settled(now time.Time) bool {
	switch {
	case r.calm:
		return true
	case r.since.IsZero():
		r.since = now
		return false
	case r.core.Told() == 0 || now.Sub(r.since) > settleTime:
		r.calm = true
	}
	return r.calm
}

// checkpoint keeps the state, and then lets go of what of the journal it counts.
func (r *reckoning) checkpoint() {
	r.core.Trust(time.Now().Add(-untold).UnixNano())
	if r.core.Untold() > 0 && r.alarms.alarmsWritten() {
		r.core.ToldChanges()
	}
	if r.files.dir == "" { // it is in memory only, as the journal is
		if r.next, r.written = time.Now().Add(checkpointEvery), r.pos; r.core.Len() > 0 {
			_ = r.log.Ack(sinks.Reckoner, r.pos, sinks.Dealt{})
		}
		return
	}
	r.kept.pos = r.pos
	n, err := r.files.write(&r.kept, r.core.AppendState)
	r.next = time.Now().Add(nextCheckpoint(n))
	if err == nil {
		r.written = r.pos
		if r.core.Len() > 0 {
			err = r.log.Ack(sinks.Reckoner, r.pos, sinks.Dealt{})
		}
	}
	r.note(n, err)
}

func (r *reckoning) note(bytes int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state.Bytes, r.state.Error, r.state.Tags, r.counted = bytes, "", r.core.Len(), r.pos
	if err != nil {
		r.state.Error = err.Error()
	}
	switch failing := err != nil; {
	case failing && !r.failing:
		r.logger.Error("the state of windows and totals cannot be written: they go on, and after a stop are reckoned from the journal as far as it goes", "err", err)
	case !failing && r.failing:
		r.logger.Info("the state of windows and totals is written again")
	}
	r.failing = err != nil
}

// change makes others of what is reckoned.
func (r *reckoning) change(c change) {
	defer close(c.answer)
	begins := r.core.Len() == 0
	next := reckon.New(c.specs)
	var state []byte
	if begins {
		state = r.core.AppendState(nil) // what was kept of those that were there before
		if len(c.specs) > 0 {
			r.start()
			r.pos, r.caught, r.kept.left = c.from, c.from, false
		}
	} else {
		state = r.core.AppendState(nil)
	}
	changed, err := next.ParseState(state, time.Now().UnixNano())
	if err != nil {
		r.logger.Error("windows and totals begin anew", "err", fmt.Errorf("take over their state: %w", err))
	}
	r.core, r.begun, r.toldBefore = next, false, nil
	r.tell(changed)
	r.share(c.leases)
	for i := range c.seeds {
		r.core.Seed(&c.seeds[i])
	}
	r.sure = max(c.sure, r.pos)
	r.core.Sown(time.Now().UnixNano())
	r.kept.left = len(c.specs) == 0
	r.checkpoint()
	r.sum()
	if len(c.specs) == 0 && !begins {
		r.log.Leave(sinks.Reckoner)
	}
}

// reckon has the reckoner make others of what it reckons. from is the end of the log before the change; it returns once what
// is new begins.
func (r *reckoning) reckon(ctx context.Context, from sinks.Pos, specs []reckon.Spec, leases map[string]*followed) {
	c := change{specs: specs, from: from, leases: leases, answer: make(chan struct{})}
	needs := reckon.New(specs)
	r.present(func(b *mapping.Batch) {
		for _, s := range b.Group.Series {
			if !b.Group.Own && needs.Needs(b.Group.Device, s.Tag) {
				c.seeds = append(c.seeds, b.Clone())
				return
			}
		}
	})
	c.sure = r.log.End()
	select {
	case r.changes <- c:
	case <-ctx.Done():
		return
	}
	select {
	case <-c.answer:
	case <-ctx.Done():
	}
}
