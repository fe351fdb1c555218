package claims

import (
	"context"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"tagbridge/cmd/tagbridge/cluster/store"
)

// session is the bucket while it is read and written by one link.
type session struct {
	*Keeper
	link    *store.Link
	kv      jetstream.KeyValue
	name    string
	watcher jetstream.KeyWatcher
	results chan result
	looks   chan looked
	flying  int
	looking bool
	failed  error // the last write that was neither done nor too late
	synced  bool
	last    uint64    // the newest revision that was seen
	created time.Time // the bucket
	ahead   uint64    // what the bucket had before that was not seen yet; 0: nothing
}

type result struct {
	w        Write
	outcome  Outcome
	revision uint64
	err      error
}

// looked is what a look at the bucket brought, with what had been seen of it before it was looked at: what came meanwhile may be missing
// in the answer.
type looked struct {
	info  *jetstream.StreamInfo
	seen  uint64 // the newest revision
	there int    // keys
	err   error
}

const (
	mostFlying = 32                     // writes at a time
	turnEvery  = 250 * time.Millisecond // while there is something to write
	lookEvery  = 20 * time.Second
	readTime   = 20 * time.Second // for the whole bucket
)

// session reads the bucket, and keeps claims in it. nil: it has to be read anew.
func (k *Keeper) session(ctx context.Context, link *store.Link) error {
	ctx, cancel := context.WithCancel(ctx)
	s := &session{Keeper: k, link: link, name: store.Claims(k.o.Bridge), results: make(chan result, mostFlying), looks: make(chan looked, 1)}
	defer s.land()
	defer cancel() // what is under way ends, and is waited for
	if err := s.open(ctx); err != nil {
		return err
	}
	defer s.stop()
	return s.run(ctx)
}

func (s *session) open(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	s.kv, err = s.link.Bucket(ctx, jetstream.KeyValueConfig{
		Bucket: s.name, Description: s.description(), History: 1, MaxBytes: bucketBytes, MaxValueSize: maxValue,
	})
	return err
}

// run is the session once the bucket is there.
func (s *session) run(ctx context.Context) (err error) {
	if s.watcher, err = s.kv.WatchAll(ctx); err != nil {
		return s.link.Why(err, s.name)
	}
	s.book.Begin()
	turn, look, read := time.NewTicker(turnEvery), time.NewTicker(s.o.Look), time.NewTimer(readTime)
	defer turn.Stop()
	defer look.Stop()
	defer read.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.link.Gone():
			return errEnded
		case e, ok := <-s.watcher.Updates():
			if !ok {
				return errEnded
			}
			if s.see(e); !s.synced {
				continue // many come at once
			}
		case h := <-s.box:
			s.book.Set(h.Joined, h.Epochs)
		case r := <-s.results:
			s.done(r)
		case <-turn.C:
			s.tell()
			if s.book.Stale(s.now()) {
				return s.failed
			}
		case <-look.C:
			s.look(ctx)
		case l := <-s.looks:
			if err := s.judge(l); err != nil {
				return err
			}
		case <-read.C:
			if !s.synced {
				return errEnded
			}
		}
		if list := s.book.Findings(); len(list) > 0 {
			s.o.Found(ctx, list)
		}
		s.write(ctx)
	}
}

// see takes what the watch brings; nil: all that was there has come.
func (s *session) see(e jetstream.KeyValueEntry) {
	s.live = true
	if e == nil {
		s.synced = true
		s.book.Synced()
		return
	}
	s.last = max(s.last, e.Revision())
	value := e.Value()
	if value == nil {
		value = []byte{}
	}
	if e.Operation() != jetstream.KeyValuePut {
		value = nil
	}
	s.book.Seen(e.Key(), e.Revision(), value)
}

// tell says what is wrong with what is in the bucket, or that nothing is.
func (s *session) tell() {
	if s.synced && s.failed == nil {
		_, _, wrong := s.book.Kept()
		s.say(wrong)
	}
}

// write has claims written that are to be, some at a time.
func (s *session) write(ctx context.Context) {
	for _, w := range s.book.Next(s.now(), mostFlying-s.flying) {
		s.flying++
		go func() { s.results <- s.put(ctx, w) }()
	}
}

func (s *session) put(ctx context.Context, w Write) result {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	revision, err := s.kv.Update(ctx, w.Key, w.Value, w.Revision)
	switch {
	case err == nil:
		return result{w, Written, revision, nil}
	case store.Conflict(err):
		return result{w, Faster, 0, nil}
	}
	return result{w, Unknown, 0, s.link.Why(err, s.name)}
}

func (s *session) done(r result) {
	s.flying--
	s.book.Done(r.w, r.outcome, r.revision, s.now())
	s.last = max(s.last, r.revision)
	switch {
	case r.err != nil:
		s.failed, s.live = r.err, false
		s.say(r.err.Error())
	case r.outcome == Written:
		s.failed, s.live = nil, true
	}
}

// land waits for what is under way.
func (s *session) land() {
	for s.flying > 0 {
		s.done(<-s.results)
	}
	if s.looking {
		<-s.looks
	}
}

// look asks what the bucket has.
func (s *session) look(ctx context.Context) {
	if s.looking {
		return
	}
	s.looking = true
	l := looked{seen: s.last, there: s.book.There()}
	go func() {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		if stream, err := s.link.JS.Stream(ctx, "KV_"+s.name); err != nil {
			l.err = s.link.Why(err, s.name)
		} else {
			l.info = stream.CachedInfo()
		}
		s.looks <- l
	}()
}

// judge finds a watch that brings nothing any more although nothing says so, and a bucket that is another one, or was set back.
func (s *session) judge(l looked) error {
	s.looking = false
	if l.err != nil {
		return l.err
	}
	last := l.info.State.LastSeq
	switch {
	case s.created.IsZero():
		s.created = l.info.Created
	case !s.created.Equal(l.info.Created):
		return errEnded
	}
	if last < l.seen || s.ahead > s.last || l.info.State.Msgs < uint64(l.there) {
		return errEnded
	}
	if s.ahead = 0; last > s.last {
		s.ahead = last
	}
	return nil
}

// stop ends the watch, and takes what it still brings: the library waits for that.
func (s *session) stop() {
	if s.watcher == nil {
		return
	}
	_ = s.watcher.Stop() // which fails when the connection has ended
	end := time.NewTimer(patience)
	defer end.Stop()
	for {
		select {
		case _, ok := <-s.watcher.Updates():
			if !ok {
				return
			}
		case <-end.C:
			return
		}
	}
}
