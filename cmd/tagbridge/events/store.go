package events

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// Options of a store.
type Options struct {
	Dir string // Folder of the data directory
	// Log gets what is wrong with the files. It must not lead back into the store.
	Log *slog.Logger
	// Each gets every event that has a line, once, in the order in which they come, also while they cannot be written; may
	// be nil. It is called by Run's goroutine.
	Each func(*Event)
}

const (
	mostQueued  = 2000            // events that wait to be written
	mostAtOnce  = 200             // that are written together
	bytesAtOnce = 32 << 10        // likewise
	retryEvery  = 5 * time.Second // after the files could not be written
)

// Store takes events from anybody, at any time. Add and what asks for a state never wait; only Run touches the disk.
type Store struct {
	o      Options
	before Before
	boot   string
	wake   chan struct{} // holds one
	asked  chan chan struct{}

	mu      sync.Mutex // guards the following
	open    outages
	storms  storms
	queue   []Event // that are not written yet, the oldest first
	first   uint64  // the number of the first of them
	told    uint64  // the number of the next that Each gets
	lost    int     // the queue was full
	stopped bool    // Stop was added
	unsaid  bool    // an outage began or ended without a line
	failing error   // why nothing can be written; nil when it can

	// The rest is Run's.
	pieces pieces
	alive  alive
	retry  time.Time
	noted  time.Time // the last note of being alive
	kept   time.Time // the last snapshot
	upto   uint64    // the number of the event after those that there were then
}

// Open reads what the run before has left in the folder, and makes a store that goes on. What cannot be read is as if it
// were not there, and logged.
func Open(o Options) *Store {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Store{
		o: o, boot: bootID(), wake: make(chan struct{}, 1), asked: make(chan chan struct{}), open: outages{},
		pieces: pieces{dir: o.Dir, most: pieceBytes, open: openPiece},
	}
	s.alive = alive{dir: o.Dir, boot: s.boot}
	s.pieces.head = s.head
	if !exists(o.Dir) {
		return s
	}
	r, err := replayed(o.Dir)
	if err != nil {
		o.Log.Warn("events of the run before cannot be read", "err", err)
	}
	s.open, s.before = r.outages, r.before(o.Dir, s.boot, time.Now())
	return s
}

// Lived notes, before the start, that the run before lived at that time, as something else than events shows.
func (s *Store) Lived(at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := &s.before
	if (b.Ending == Killed || b.Ending == Restarted) && at.After(b.At) && at.Sub(b.At) <= aliveEvery+time.Second && !at.After(time.Now()) {
		b.At = at.Round(0)
	}
}

// Before is how the run before ended.
func (s *Store) Before() Before {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.before
}

// Add takes e; a zero time is now, and Since of an outage and of Start is known.
func (s *Store) Add(e Event) {
	now := time.Now()
	if e.Time.IsZero() {
		e.Time = now
	}
	e.Time = e.Time.Round(0)
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.Kind == Start && e.Since.IsZero() {
		e.Since = s.before.At
	}
	s.open.date(&e)
	changed := s.open.note(&e)
	s.stopped = s.stopped || e.Kind == Stop
	if s.storms.takes(&e, now) {
		s.put(e)
	} else if changed {
		s.unsaid = true
	}
}

// put queues e. The caller holds mu.
func (s *Store) put(e Event) {
	if len(s.queue) == mostQueued {
		s.queue = append(s.queue[:0], s.queue[1:]...)
		s.first++
		s.lost++
	}
	s.queue = append(s.queue, e)
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// DeviceDown is since when the device has been out of reach, also before the bridge began; zero: it is not.
func (s *Store) DeviceDown(name string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open[outage{kind: DeviceOffline, device: name}].Time
}

// SinkDown is since when the sink has been out of reach, also before the bridge began; zero: it is not.
func (s *Store) SinkDown(name string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open[outage{kind: SinkOffline, sink: name}].Time
}

// LateSince is since when the connection of the device has had no time for all polls, likewise; zero: it has.
func (s *Store) LateSince(device string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open[outage{kind: PollsLate, device: device}].Time
}

// TagBad is since when the tag has been bad, and with what quality, also before the bridge began; zero: it is not said to be.
func (s *Store) TagBad(device, tag string) (since time.Time, quality string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.open[outage{kind: TagBad, device: device, tag: tag}]
	return e.Time, e.Text
}

// BadTags are the tags of the device that are said to be bad, since when (Time), and with what quality (Text), also before
// the bridge began.
func (s *Store) BadTags(device string) []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Event
	for of, e := range s.open {
		if of.kind == TagBad && of.device == device {
			list = append(list, e)
		}
	}
	return list
}

// Since is when that of the bridge itself began which events of kind k tell of, JournalFailing or RefusedReload, also before
// the bridge did; zero: it is well.
func (s *Store) Since(k Kind) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open[outage{kind: k}].Time
}

// Keep forgets the outages that stays does not want: they are those of what is not there any more.
func (s *Store) Keep(stays func(*Event) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open.keep(stays) {
		s.pieces.again.Store(true)
	}
}

// Failing is why events cannot be written, and are in memory only; nil: they can.
func (s *Store) Failing() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failing
}

// head is the line that a piece begins with.
func (s *Store) head() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return appendOpen(nil, s.open.list())
}

// Written reports that all that was added is in the files, where also a kill leaves it.
func (s *Store) Written() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queue) == 0
}

// Run writes until ctx ends, and then what is left. It is called once.
func (s *Store) Run(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	s.housekeep(time.Now())
	for {
		select {
		case <-s.wake:
			if s.write(false); s.noted.IsZero() {
				s.noteAlive(time.Now()) // while there is room for it
			}
		case done := <-s.asked:
			s.write(false)
			close(done)
		case <-tick.C:
			s.housekeep(time.Now())
		case <-ctx.Done():
			s.write(true)
			s.say(s.pieces.sync())
			s.kept = time.Time{}
			s.keepSnapshot(time.Now())
			if s.Failing() != nil {
				s.noteAlive(time.Now())
			}
			s.pieces.close()
			s.alive.close()
			return
		}
	}
}

// Flush returns when what was added before is written, as far as it can be, or with ctx's error when that ends first. Run
// must be running.
func (s *Store) Flush(ctx context.Context) error {
	done := make(chan struct{})
	select {
	case s.asked <- done:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// housekeep is what is done every second.
func (s *Store) housekeep(now time.Time) {
	s.write(false)
	s.noteAlive(now)
	if s.Failing() != nil && now.Before(s.retry) {
		return
	}
	s.say(s.pieces.sync())
	s.keepSnapshot(now)
}

// noteAlive notes that the bridge runs, now and then; what cannot be written as events, and when it can be again, at once.
func (s *Store) noteAlive(now time.Time) {
	s.mu.Lock()
	stopped, unwritten, upto := s.stopped, len(s.queue) > 0 && s.failing != nil, s.first+uint64(len(s.queue))
	var open []Event
	if unwritten {
		open = s.open.list()
	}
	s.mu.Unlock()
	since := now.Sub(s.noted)
	news := s.alive.open != unwritten || unwritten && (s.upto != upto || since >= time.Second)
	if !news && since >= 0 && since < aliveEvery || stopped && !unwritten || !exists(s.o.Dir) {
		return
	}
	s.noted, s.upto = now, upto
	if err := s.alive.note(now, open); err != nil || !unwritten {
		s.say(err)
	}
}

// write tells of what was added, and writes it; with last also what is left of storms.
func (s *Store) write(last bool) {
	for s.writeSome(last) {
	}
}

// writeSome does a part, and reports that there is more to be done now.
func (s *Store) writeSome(last bool) bool {
	now := time.Now()
	s.mu.Lock()
	for _, e := range s.storms.over(now, last) {
		s.put(e)
	}
	news := s.untold()
	first := s.first
	some := slices.Clone(s.queue[:min(len(s.queue), mostAtOnce)])
	failing, lost := s.failing, s.lost
	s.mu.Unlock()
	for i := range news {
		s.o.Each(&news[i])
	}
	if len(some) == 0 || failing != nil && now.Before(s.retry) && !last {
		return false
	}
	n, err := s.pieces.append(linesOf(some))
	s.mu.Lock()
	if done := first + uint64(n); done > s.first {
		s.queue = append(s.queue[:0], s.queue[done-s.first:]...)
		s.first = done
	}
	if err == nil && lost > 0 {
		s.lost -= lost
		s.put(Event{Time: now, Kind: Dropped, Text: thousands(lost) + " events are missing here: they could not be written"})
	}
	more := len(s.queue) > 0
	s.mu.Unlock()
	s.say(err)
	return err == nil && more
}

// linesOf are lines of some, the oldest, of as many as are written together.
func linesOf(some []Event) [][]byte {
	var lines [][]byte
	for i, size := 0, 0; i < len(some) && size < bytesAtOnce; i++ {
		lines = append(lines, appendLine(nil, &some[i]))
		size += len(lines[i])
	}
	return lines
}

// untold are the events that Each has not got yet, which it gets now. The caller holds mu.
func (s *Store) untold() []Event {
	from := max(s.told, s.first)
	s.told = s.first + uint64(len(s.queue))
	if s.o.Each == nil || from >= s.told {
		return nil
	}
	return slices.Clone(s.queue[from-s.first:])
}

// say notes whether the files can be written, and logs when that changes.
func (s *Store) say(err error) {
	s.mu.Lock()
	was := s.failing
	s.failing = err
	s.mu.Unlock()
	switch {
	case err != nil && was == nil:
		s.retry = time.Now().Add(retryEvery)
		s.o.Log.Error("events cannot be written, the newest are kept in memory", "err", err)
	case err != nil:
		s.retry = time.Now().Add(retryEvery)
	case was != nil:
		s.o.Log.Info("events are written again")
	}
}

// Read yields the events that were asked for, those that could not be written last, until yield returns false.
func (s *Store) Read(ctx context.Context, q Query, yield func(*Event) bool) error {
	within, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_ = s.Flush(within) // else without the newest
	more := true
	err := NewReader(s.o.Dir).Next(q, func(e *Event) bool {
		more = yield(e)
		return more
	})
	s.mu.Lock()
	unwritten := slices.Clone(s.queue)
	s.mu.Unlock()
	if errors.Is(err, fs.ErrNotExist) || len(unwritten) > 0 {
		err = nil // nothing was written yet, or can be
	}
	for i := range unwritten {
		if e := &unwritten[i]; more && q.Takes(e) {
			more = yield(e)
		}
	}
	return err
}
