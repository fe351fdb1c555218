package sinks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/mapping"
)

// fakeLog is a Log in memory that keeps everything.
type fakeLog struct {
	mu     sync.Mutex
	groups []*mapping.Group
	all    []mapping.Sample
	gone   Pos // samples before it are lost
	acks   []Pos
	asked  []int // Max of each Next
	ackErr error
	broken error
	more   chan struct{}
}

func newFakeLog() *fakeLog { return &fakeLog{more: make(chan struct{}, 1)} }

func (l *fakeLog) append(b *mapping.Batch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range b.Samples {
		l.groups, l.all = append(l.groups, b.Group), append(l.all, s)
	}
	select {
	case l.more <- struct{}{}:
	default:
	}
}

func (l *fakeLog) End() Pos {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Pos(len(l.all))
}

func (l *fakeLog) Ack(_ string, p Pos, _ Dealt) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ackErr == nil {
		l.acks = append(l.acks, p)
	}
	return l.ackErr
}

// acked is the last position that was acknowledged.
func (l *fakeLog) acked() Pos {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.acks) == 0 {
		return 0
	}
	return l.acks[len(l.acks)-1]
}

func (l *fakeLog) Next(ctx context.Context, p Pos, q Query, v *View) (Pos, error) {
	v.Reset()
	var flush <-chan time.Time
	for {
		l.mu.Lock()
		n := len(l.all) - int(max(p, l.gone))
		broken := l.broken
		l.mu.Unlock()
		if broken != nil {
			return p, broken
		}
		if n >= q.Max || q.Flush == 0 {
			break
		}
		if n > 0 && flush == nil {
			flush = time.After(q.Flush)
		}
		select {
		case <-l.more:
			continue
		case <-ctx.Done():
			return p, ctx.Err()
		case <-flush:
		}
		break
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = append(l.asked, q.Max)
	if p < l.gone {
		v.Lost = uint64(l.gone - p)
		p = l.gone
	}
	for ; int(p) < len(l.all) && v.Len() < q.Max; p++ {
		v.AppendFrom(p, &mapping.Batch{Group: l.groups[p], Samples: l.all[p : p+1]}, q.Match)
	}
	return p, nil
}

// fakeSink takes what answer lets it.
type fakeSink struct {
	mu     sync.Mutex
	answer func(v *View) (int, error) // nil: takes everything
	got    []uint64                   // values taken, in order
	sizes  []int                      // of each Send
	times  []time.Time
}

var errDown = errors.New("connection refused")

func (s *fakeSink) Send(ctx context.Context, v *View) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sizes, s.times = append(s.sizes, v.Len()), append(s.times, time.Now())
	n, err := v.Len(), error(nil)
	if s.answer != nil {
		n, err = s.answer(v)
	}
	left := n
	for i := range v.Batches {
		for _, sample := range v.Batches[i].Samples {
			if left == 0 {
				return n, err
			}
			s.got = append(s.got, sample.Bits)
			left--
		}
	}
	return n, err
}

func (s *fakeSink) Close() error { return nil }

// refuse makes an answer that refuses whatever holds a value for which poison says so.
func refuse(poison func(v uint64) bool) func(*View) (int, error) {
	return func(v *View) (int, error) {
		for i := range v.Batches {
			for _, s := range v.Batches[i].Samples {
				if poison(s.Bits) {
					return 0, &Fault{Action: Refuse, Err: fmt.Errorf("will not take %d", s.Bits)}
				}
			}
		}
		return v.Len(), nil
	}
}

// rig is a forwarder that runs between a fake log and a fake sink.
type rig struct {
	t      *testing.T
	log    *fakeLog
	sink   *fakeSink
	f      *Forwarder
	output lockedBuffer
	done   chan error
	cancel context.CancelFunc
}

// start makes a forwarder and runs it.
func (r *rig) start(o ForwarderOptions) {
	r.make(o)
	r.run()
}

// make makes a forwarder with what the options say; log and sink are r's.
func (r *rig) make(o ForwarderOptions) {
	o.Name, o.Log, o.Sink = "test", r.log, r.sink
	o.Logger = slog.New(slog.NewTextHandler(&r.output, nil))
	r.f = NewForwarder(o)
}

func (r *rig) run() {
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel, r.done = cancel, make(chan error, 1)
	go func() { r.done <- r.f.Run(ctx) }()
}

func newRig(t *testing.T) *rig { return &rig{t: t, log: newFakeLog(), sink: &fakeSink{}} }

// wait lets that much time pass, and then everybody do what is due.
func (r *rig) wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// change changes what the sink's answers depend on.
func (r *rig) change(f func()) {
	r.sink.mu.Lock()
	defer r.sink.mu.Unlock()
	f()
}

// stop ends the forwarder and returns what Run returned.
func (r *rig) stop() error {
	r.cancel()
	return <-r.done
}

// logged counts the lines of the log that hold text.
func (r *rig) logged(text string) int { return strings.Count(r.output.String(), text) }

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
