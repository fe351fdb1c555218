package heir

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"tagbridge/cmd/tagbridge/cluster/replica"
	"tagbridge/cmd/tagbridge/cluster/store"
)

const (
	// fetchMessages is how many messages are asked for at a time, of replica.MostMessage each. They are not counted in bytes: for that
	// the library makes room for a million, which is 32 MB each time.
	fetchMessages = 16
	fetchWait     = time.Second // for what is not there yet
	fetchPause    = 500 * time.Millisecond
	fetchIdle     = time.Minute // a server forgets a reader that has gone
)

// fetch reads the stream from its beginning, whatever happens to the connection, until ctx ends: what was delivered before defines the
// groups of what was not.
func (c *claim) fetch(ctx context.Context) {
	r := reader{c: c, next: 1}
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
		link, err := c.h.o.Store.Link(ctx)
		if err != nil {
			return // ctx has ended
		}
		if err := r.read(ctx, link); err != nil && ctx.Err() == nil {
			c.h.o.Log.Debug("reading what a member left has to begin again", "of", c.node, "err", err)
		}
		pause.Reset(fetchPause)
	}
}

// reader is a place in a stream.
type reader struct {
	c    *claim
	next uint64 // sequence
}

// read reads by one connection.
func (r *reader) read(ctx context.Context, l *store.Link) error {
	stream, last, err := r.open(ctx, l)
	if err != nil || stream == nil {
		return err
	}
	if last+1 < r.next { // it was made anew
		r.next = 1
	}
	take := func(seq uint64, data []byte) error { return r.message(ctx, l, stream, seq, data) }
	return walkStream(ctx, stream, r.next, take, func() error {
		for r.c.bequest.full() {
			select {
			case <-r.c.bequest.room:
			case <-ctx.Done():
				return ctx.Err()
			case <-l.Gone():
				return errors.New("the connection has ended")
			}
		}
		return nil
	}, func() error {
		info, err := stream.Info(ctx)
		if err != nil {
			return err
		}
		if info.State.LastSeq+1 < r.next {
			return errors.New("the stream was made anew")
		}
		r.c.caught.Store(info.State.LastSeq < r.next)
		return nil
	})
}

// open finds the stream, and its last sequence; nil: there is none, which is a stream without anything in it.
func (r *reader) open(ctx context.Context, l *store.Link) (jetstream.Stream, uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, opTime)
	defer cancel()
	name := r.c.h.records(r.c.node)
	stream, err := l.JS.Stream(ctx, name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		r.c.caught.Store(true)
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, l.Why(err, name)
	}
	last := stream.CachedInfo().State.LastSeq
	r.c.caught.Store(last < r.next && last+1 == r.next)
	return stream, last, nil
}

// message takes one message.
func (r *reader) message(ctx context.Context, l *store.Link, stream jetstream.Stream, seq uint64, data []byte) error {
	c := r.c
	m, err := replica.Parse(data)
	if err != nil {
		c.h.o.Log.Error("a copy of what a member read cannot be read", "of", c.node, "seq", seq, "err", err)
		c.put(c.walker.skip(seq))
		r.next = seq + 1
		return nil
	}
	p, err := c.walker.take(seq, &m)
	if errors.Is(err, errUnknown) {
		if err := r.learn(ctx, stream); err != nil {
			return err
		}
		p, err = c.walker.take(seq, &m)
	}
	if err != nil {
		return err
	}
	c.put(p)
	r.next = seq + 1
	return nil
}

func (c *claim) put(p piece) {
	c.caught.Store(false)
	c.bequest.put(p)
	c.estate.Wake()
}

// learn reads the whole stream for the groups that it defines: one that begins within a section has some of them later.
func (r *reader) learn(ctx context.Context, stream jetstream.Stream) error {
	info, err := stream.Info(ctx)
	if err != nil {
		return err
	}
	last := info.State.LastSeq
	at := uint64(0)
	w := &r.c.walker
	err = walkStream(ctx, stream, 1, func(seq uint64, data []byte) error {
		if m, err := replica.Parse(data); err == nil && m.Parts == 1 {
			_ = w.decoder.Learn(m.Records)
		}
		at = seq
		if seq >= last {
			return errEnough
		}
		return nil
	}, func() error { return nil }, func() error {
		if info, err := stream.Info(ctx); err != nil || info.State.LastSeq <= at {
			return errors.Join(err, errEnough)
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		w.learned = true
		return nil
	}
	return err
}

var errEnough = errors.New("enough was read")

// walkStream calls take with the messages from a sequence on, in order, each once, and idle when there are none for a while. before is asked
// before each of them, and may wait. It returns the first error of anybody.
func walkStream(ctx context.Context, stream jetstream.Stream, from uint64, take func(seq uint64, data []byte) error,
	before, idle func() error,
) error {
	make, cancel := context.WithTimeout(ctx, opTime)
	consumer, err := stream.CreateConsumer(make, jetstream.ConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: max(from, 1), AckPolicy: jetstream.AckNonePolicy,
		InactiveThreshold: fetchIdle, MemoryStorage: true, Replicas: 1,
	})
	cancel()
	if err != nil {
		return err
	}
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), opTime)
		defer cancel()
		_ = stream.DeleteConsumer(end, consumer.CachedInfo().Name) // else it is forgotten after a while
	}()
	for want := uint64(1); ; {
		batch, err := consumer.Fetch(fetchMessages, jetstream.FetchMaxWait(fetchWait))
		if err != nil {
			return err
		}
		n := 0
		for msg := range batch.Messages() {
			meta, err := msg.Metadata()
			if err != nil {
				return err
			}
			if meta.Sequence.Consumer != want || meta.Sequence.Stream < from {
				return fmt.Errorf("message %d of the reader came as number %d", meta.Sequence.Consumer, want)
			}
			want, from, n = want+1, meta.Sequence.Stream+1, n+1
			if err := before(); err != nil {
				return err
			}
			if err := take(meta.Sequence.Stream, msg.Data()); err != nil {
				return err
			}
		}
		if err := batch.Error(); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if n == 0 {
			if err := idle(); err != nil {
				return err
			}
		}
	}
}
