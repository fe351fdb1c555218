package replica

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"tagbridge/cmd/tagbridge/cluster/store"
	"tagbridge/sinks"
	"tagbridge/sinks/journal"
)

const (
	// window is how many messages are under way at most, of pieceBytes each.
	window     = 64
	pieceBytes = 32 << 10
	// flush is how long what was appended waits for more; until the journal has written it, it waits in any case.
	flush = 5 * time.Millisecond
	// ackTime is how long an acknowledgement may take.
	ackTime = 10 * time.Second
	// Sections are so large at most, and last so long.
	sectionMost  = 16 << 20
	sectionLeast = 1 << 20
	sectionTime  = time.Hour
)

// flight is a message that is under way.
type flight struct {
	future  jetstream.PubAckFuture
	seq     uint64    // that it is to get
	to      sinks.Pos // what is copied once it is acknowledged
	samples int
	bytes   int
}

var (
	errSilent  = errors.New("the stream acknowledges nothing")
	errRewrote = errors.New("somebody else writes to the stream")
)

// run copies until something fails.
func (c *copying) run(ctx context.Context) error {
	ctx, end := context.WithCancelCause(ctx)
	flights := make(chan flight, window)
	var others sync.WaitGroup
	others.Go(func() { end(c.landAll(ctx, flights)) })
	others.Go(func() {
		select {
		case <-ctx.Done():
		case <-c.l.Gone():
			end(errors.New("the connection has ended"))
		}
	})
	others.Go(func() { c.keepTrimmed(ctx) })
	end(c.publish(ctx, flights))
	close(flights)
	others.Wait()
	return context.Cause(ctx)
}

// landAll waits for the acknowledgements, in order.
func (c *copying) landAll(ctx context.Context, flights <-chan flight) error {
	for f := range flights {
		if err := c.land(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// publish publishes what there is, as it comes.
func (c *copying) publish(ctx context.Context, flights chan<- flight) error {
	q := journal.TapQuery{Flush: flush, Bytes: min(pieceBytes, c.most)}
	buffers := make([][]byte, window+2)
	for n := 0; ; {
		if err := c.look(); err != nil {
			return err
		}
		st, err := c.tap.Next(ctx, q)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, journal.ErrClosed):
			return err
		case err != nil:
			return fmt.Errorf("the journal cannot be read: %w", err)
		}
		c.skipped(&st)
		if len(st.Records) > MostRecord {
			c.s.board.miss(WhyTooLarge, uint64(st.To-st.From))
			c.why = WhyTooLarge
			continue
		}
		if len(st.Records) == 0 {
			continue
		}
		parts := (len(st.Records) + c.most - 1) / c.most
		for part := range parts {
			f, err := c.launch(&st, part, parts, &buffers[n%len(buffers)])
			if err != nil {
				return err
			}
			n++
			select {
			case flights <- f:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
	}
}

// look sees whether to go on somewhere else: after what all sinks have by now, when the copy lags, or back at a new sink. It begins
// a section when it is time for one.
func (c *copying) look() error {
	if why := c.s.o.Aside(); why != "" {
		return errors.New(why)
	}
	const much = 20_000 // samples
	if at := c.tap.Position(); c.s.o.Log.End() > at+much {
		if low := c.s.lowest(); low > at {
			c.tap.Seek(low)
			c.why = WhyDelivered
		}
	}
	if back, ok := c.newSink(); ok {
		c.tap.Seek(back)
		c.prev, c.why = back, WhyNothing
		c.mu.Lock()
		c.base = back
		c.mu.Unlock()
		c.newSection()
	}
	most := min(int64(sectionMost), max(sectionLeast, c.s.stream.MaxBytes/16))
	if !c.fresh && (c.inside >= most || time.Since(c.opened) >= sectionTime) {
		c.newSection()
	}
	return nil
}

// newSink is where a sink is that was not there before, if it needs what was not copied, as nobody needed it.
func (c *copying) newSink() (back sinks.Pos, ok bool) {
	there := make(map[string]bool, len(c.sinks))
	c.mu.Lock()
	back = c.base
	c.mu.Unlock()
	c.s.o.Log.Places(func(sink string, p sinks.Pos) {
		there[sink] = true
		if c.sinks != nil && !c.sinks[sink] && p < back {
			back, ok = p, true
		}
	})
	c.sinks = there
	return back, ok
}

// skipped takes note of what the journal does not have any more.
func (c *copying) skipped(st *journal.Stretch) {
	if st.Lost == 0 {
		return
	}
	lost := st.From - sinks.Pos(st.Lost)
	low := c.s.lowest()
	if low >= st.From {
		c.why = WhyDelivered
		return
	}
	switch st.Why {
	case journal.LostDamage:
		c.why = WhyDamage
	case journal.LostUnwritten:
		c.why = WhyUnwritten
	default:
		c.why = WhyLimits
	}
	n := uint64(st.From - max(lost, low))
	c.s.board.miss(c.why, n)
	c.s.log.Error("samples were gone before they could be copied to the cluster", "samples", n, "reason", c.why)
}

// newSection has the definitions of groups come again.
func (c *copying) newSection() {
	c.s.section++
	c.inside, c.opened, c.fresh = 0, time.Now(), true
	c.tap.Afresh()
}

// launch publishes one part of st.
func (c *copying) launch(st *journal.Stretch, part, parts int, buf *[]byte) (flight, error) {
	records := st.Records
	if parts > 1 {
		records = records[part*c.most : min((part+1)*c.most, len(records))]
	}
	m := Message{
		Bridge: c.s.o.Bridge, Node: c.s.o.Node, Journal: c.is.ID, Run: c.s.run, Began: c.s.began, First: c.s.o.Log.Opened(), Origin: c.is.Origin,
		Section: c.s.section, Prev: min(c.prev, st.From), From: st.From, To: st.To, Why: c.why, Sent: time.Now(),
		Part: uint32(part), Parts: uint32(parts), Records: records,
	}
	if c.is.Origin != 0 {
		m.First = c.is.First
	}
	if m.Prev == m.From {
		m.Why = WhyNothing
	}
	b, err := m.Append((*buf)[:0])
	if err != nil {
		return flight{}, err
	}
	*buf = b
	if cap(*buf) > 2*MostMessage {
		*buf = nil
	}
	msg := &nats.Msg{Subject: c.s.stream.Subjects[0], Data: b, Header: nats.Header{
		jetstream.MsgIDHeader:           []string{m.ID()},
		jetstream.ExpectedLastSeqHeader: []string{strconv.FormatUint(c.seq, 10)},
		jetstream.ExpectedStreamHeader:  []string{c.s.stream.Name},
	}}
	future, err := c.l.JS.PublishMsgAsync(msg, jetstream.WithRetryAttempts(0))
	if err != nil {
		return flight{}, c.l.Why(err, msg.Subject)
	}
	c.seq++
	f := flight{future: future, seq: c.seq, bytes: len(b)}
	c.inside += int64(len(records))
	if c.fresh {
		c.fresh = false
		c.mu.Lock()
		c.starts = append(c.starts, start{f.seq, st.From})
		c.mu.Unlock()
	}
	if part+1 == parts {
		f.to, f.samples = st.To, int(st.To-st.From)
		c.prev, c.why = max(st.To, m.Prev), WhyNothing
	}
	return f, nil
}

// land waits until a message is acknowledged.
func (c *copying) land(ctx context.Context, f flight) error {
	patience := time.NewTimer(ackTime)
	defer patience.Stop()
	select {
	case ack := <-f.future.Ok():
		if ack.Stream != c.s.stream.Name || ack.Sequence != f.seq || ack.Duplicate {
			return errRewrote
		}
		c.mu.Lock()
		c.landed = f.seq
		c.mu.Unlock()
		c.s.wrote.Store(true)
		c.s.board.took(f.to, f.samples, f.bytes)
		c.s.well()
		return nil
	case err := <-f.future.Err():
		if store.Conflict(err) {
			return errRewrote
		}
		return c.l.Why(err, c.s.stream.Name)
	case <-patience.C:
		return errSilent
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
