package replica

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"tagbridge/cmd/tagbridge/cluster/store"
	"tagbridge/sinks"
	"tagbridge/sinks/journal"
)

// askTime bounds one question to JetStream.
const askTime = 5 * time.Second

// copying is the stream as it is while one connection lasts.
type copying struct {
	s      *Sender
	l      *store.Link
	stream jetstream.Stream
	is     journal.Identity
	most   int       // bytes of records in a message
	seq    uint64    // the last one of the stream, with what is under way
	prev   sinks.Pos // where the last message of this journal ended
	tap    *journal.Tap
	inside int64           // bytes of records in the newest section
	opened time.Time       // when that began
	fresh  bool            // the next message is its first
	sinks  map[string]bool // that were there at the last look; nil: there was none
	why    Why             // why what is before the next message is not in the stream
	older  bool            // what the stream has of before may be of another journal

	mu     sync.Mutex
	base   sinks.Pos // the stream has this journal from here on
	starts []start   // of sections, oldest first
	landed uint64    // the last that was acknowledged
	first  uint64    // the oldest message, as far as that is known
}

// start is where a section begins.
type start struct {
	seq uint64
	pos sinks.Pos
}

// copySession copies until something fails.
func (s *Sender) copySession(ctx context.Context) error {
	l, err := s.link(ctx)
	if err != nil {
		return err
	}
	c := &copying{s: s, l: l}
	if err := c.open(ctx); err != nil {
		return err
	}
	at, err := c.resume(ctx)
	if err != nil {
		return err
	}
	c.tap = s.o.Log.Tap(at)
	defer c.tap.Close()
	c.newSection()
	s.board.at(c.prev)
	return c.run(ctx)
}

// open opens the stream, makes it if it is not there, and sees to it that it is as it has to be.
func (c *copying) open(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	want := c.s.stream
	if c.stream, err = c.make(ctx, want); err != nil {
		return err
	}
	is := c.stream.CachedInfo().Config
	if !slices.Equal(is.Subjects, want.Subjects) || is.Mirror != nil || len(is.Sources) > 0 || is.Sealed {
		return fmt.Errorf("the stream %s is another's: it takes %q, and would have to take %q; remove or rename it", want.Name, is.Subjects, want.Subjects)
	}
	if !fits(is, want) {
		changed := is
		changed.Description, changed.Retention, changed.Discard, changed.Duplicates = want.Description, want.Retention, want.Discard, want.Duplicates
		changed.MaxBytes, changed.MaxAge, changed.MaxMsgs, changed.MaxMsgsPerSubject = want.MaxBytes, want.MaxAge, want.MaxMsgs, want.MaxMsgsPerSubject
		changed.MaxMsgSize, changed.NoAck, changed.AllowDirect = want.MaxMsgSize, false, true
		next, err := c.l.JS.UpdateStream(ctx, changed)
		switch {
		case err == nil:
			c.stream = next
		case !works(is):
			return c.l.Why(err, want.Name)
		case !store.Full(err):
			c.s.log.Warn("the stream of copies keeps its limits, as they cannot be changed", "err", c.l.Why(err, want.Name))
		}
	}
	room := int(c.l.Conn().MaxPayload()) - Overhead(c.s.o.Bridge, c.s.o.Node) - headersMost
	if room < 1024 {
		return fmt.Errorf("the server takes messages of %d bytes, which is too little", c.l.Conn().MaxPayload())
	}
	c.most = min(room, MostMessage-Overhead(c.s.o.Bridge, c.s.o.Node))
	return nil
}

// make opens the stream; where there is no room for a new one, a smaller one.
func (c *copying) make(ctx context.Context, want jetstream.StreamConfig) (jetstream.Stream, error) {
	for {
		stream, err := c.l.Stream(ctx, want)
		if !store.Full(err) || want.MaxBytes/2 < leastBytes {
			return stream, err
		}
		want.MaxBytes /= 2
	}
}

// headersMost is how long the headers of a message are at most.
const headersMost = 512

// fits reports that a stream is as it has to be; in how many places it is, is the store's.
func fits(is, want jetstream.StreamConfig) bool {
	return is.Retention == want.Retention && is.Discard == want.Discard && is.MaxBytes == want.MaxBytes && is.MaxAge == want.MaxAge &&
		is.MaxMsgs == want.MaxMsgs && is.MaxMsgsPerSubject == want.MaxMsgsPerSubject && is.MaxMsgSize == want.MaxMsgSize && !is.NoAck
}

// works reports that a stream can be used, whatever its limits are.
func works(is jetstream.StreamConfig) bool {
	return is.Retention == jetstream.LimitsPolicy && is.Discard == jetstream.DiscardOld && !is.NoAck && is.MaxBytes >= leastBytes &&
		(is.MaxMsgSize < 0 || is.MaxMsgSize >= MostMessage) && (is.MaxMsgsPerSubject < 1 || is.MaxMsgsPerSubject > 1000)
}

// resume finds out where to go on: where the last message ended, if that is of this journal.
func (c *copying) resume(ctx context.Context) (at sinks.Pos, err error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	if c.is, err = c.s.o.Log.Identity(); err != nil {
		c.s.log.Warn("copies are of another journal after the next start", "err", err)
	}
	info, err := c.stream.Info(ctx)
	if err != nil {
		return 0, c.l.Why(err, c.s.stream.Name)
	}
	c.seq, c.first = info.State.LastSeq, info.State.FirstSeq
	lowest := c.s.lowest()
	last, err := c.message(ctx, info.State.LastSeq, info.State.Msgs)
	if err != nil {
		return 0, err
	}
	if last != nil && last.Run != c.s.run && c.s.wrote.Load() && last.Began.After(c.s.began) && c.s.leaves(c.seq) {
		return 0, errLater
	}
	if last != nil && last.Journal == c.is.ID && last.Run != c.s.run && last.To > c.s.o.Log.Opened() {
		if c.is, err = c.s.o.Log.Branch(); err != nil {
			c.s.log.Warn("copies are of another journal after the next start", "err", err)
		}
		c.s.log.Warn("the copy of this journal goes further than the journal: it was restored, or lost its end with the power. It has another identity from now on",
			"copied", last.To, "opened", c.s.o.Log.Opened())
	}
	c.s.identity.Store(&c.is)
	if last == nil || last.Journal != c.is.ID {
		c.prev, c.base, c.older = lowest, lowest, info.State.Msgs > 0
		return lowest, nil
	}
	c.prev = last.To
	if last.Part+1 < last.Parts {
		c.prev = last.From
	}
	c.base = c.prev
	if oldest, err := c.message(ctx, info.State.FirstSeq, info.State.Msgs); err != nil {
		return 0, err
	} else if oldest != nil && oldest.Journal == c.is.ID {
		c.base = oldest.From
	} else {
		c.older = true
	}
	if lowest > c.prev {
		c.why = WhyDelivered
		return lowest, nil
	}
	return c.prev, nil
}

// errLater is why a process that was stopped for long does not go on.
var errLater = errors.New("a later process of this node copies to the same stream: give each member a node name of its own")

// message is a message of the stream; nil: there is none, or none of ours.
func (c *copying) message(ctx context.Context, seq, messages uint64) (*Message, error) {
	if messages == 0 {
		return nil, nil
	}
	raw, err := c.stream.GetMsg(ctx, seq)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, c.l.Why(err, c.s.stream.Name)
	}
	m, err := Parse(raw.Data)
	if errors.Is(err, ErrVersion) {
		return nil, err
	}
	if err != nil {
		c.s.log.Warn("the stream of copies has a message that is none of ours", "stream", c.s.stream.Name, "sequence", seq, "err", err)
		return nil, nil
	}
	m.Records = nil
	return &m, nil
}
