package modbus

import (
	"context"
	"errors"
	"net"
	"syscall"
	"testing"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
	"tagbridge/testrig/port"
)

// line is an open link with one job.
type line struct {
	t    *testing.T
	link drivers.Link
	job  *drivers.Job
	plan *Plan
}

// Time limits of tests: one that is expected to run out, and one that must not.
const (
	short = 40 * time.Millisecond
	long  = 20 * time.Second
)

// dial opens a link to r for words(0) of unit 1, whose requests may take limit.
func dial(t *testing.T, r *responder, limit time.Duration) *line {
	t.Helper()
	link, err := NewLink(LinkOptions{Transport: "tcp", Address: r.addr, Timeout: limit, Transactions: new(Transactions)})
	if err != nil {
		t.Fatal(err)
	}
	if err := link.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { link.Close() })
	return on(t, link, limit, words(0)...)
}

// on is a job for tags of unit 1 on link.
func on(t *testing.T, link drivers.Link, limit time.Duration, tags ...*mapping.Tag) *line {
	p := planOf(Limits{}, tags...)
	d := &drivers.Device{Name: "device", UnitID: 1, Timeout: limit}
	g := &mapping.Group{Device: d.Name, Series: make([]*mapping.Series, len(tags))}
	return &line{t: t, link: link, plan: p, job: &drivers.Job{Device: d, Group: g, Work: p}}
}

// poll makes one round; without an error every value in it is right.
func (l *line) poll() ([]mapping.Sample, error) {
	l.t.Helper()
	var b mapping.Batch
	for step := 0; ; {
		before := len(b.Samples)
		next, err := l.link.Do(l.t.Context(), l.job, step, &b)
		if err != nil {
			if len(b.Samples) != before {
				l.t.Errorf("samples with error %v", err)
			}
			return b.Samples, err
		}
		if next == 0 {
			break
		}
		step = next
	}
	for _, s := range b.Samples {
		if !s.Quality.IsBad() {
			(&unit{}).checkRaw(l.t, l.plan, int(s.Index))
		}
	}
	return b.Samples, nil
}

// wantRight polls until an answer comes, which has to be the second time at the latest, and has to be right.
func (l *line) wantRight() {
	l.t.Helper()
	samples, err := l.poll()
	if err != nil {
		l.job.Device.Timeout = long
		samples, err = l.poll()
	}
	if err != nil || len(samples) != 1 || samples[0].Quality.IsBad() {
		l.t.Fatalf("poll = %v, %v, want a value", samples, err)
	}
}

// wantNoAnswer polls and wants a NoAnswer of quality q with the given text.
func (l *line) wantNoAnswer(q mapping.Quality, text string) {
	l.t.Helper()
	_, err := l.poll()
	var n *drivers.NoAnswer
	if !errors.As(err, &n) || n.Quality != q || n.Error() != text {
		l.t.Fatalf("poll: %T %v, want %v %q", err, err, q, text)
	}
}

func TestReadsAllTables(t *testing.T) {
	l := dial(t, serve(t, always(query.right)), long)
	var tags []*mapping.Tag
	for _, table := range []mapping.Table{mapping.Coil, mapping.Discrete, mapping.Input, mapping.Holding} {
		for n := range 20 {
			tags = append(tags, inTable(table, 3*n))
		}
	}
	l = on(t, l.link, long, tags...)
	samples, err := l.poll()
	if err != nil || len(samples) != len(tags) {
		t.Fatalf("poll = %d samples, %v, want %d", len(samples), err, len(tags))
	}
}

func TestConnectionRefused(t *testing.T) {
	link, err := NewLink(LinkOptions{Transport: "tcp", Address: port.Free(t)})
	if err != nil {
		t.Fatal(err)
	}
	if err := link.Open(t.Context()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("Open = %v, want connection refused", err)
	}
	if _, err := on(t, link, long, words(0)...).poll(); !errors.Is(err, drivers.ErrClosed) {
		t.Errorf("Do on a link that is not open = %v, want ErrClosed", err)
	}
}

func TestConnectionLost(t *testing.T) {
	l := dial(t, serve(t, func(q query) action {
		return action{send: q.right(), hangUp: q.conn == 1}
	}), long)
	l.wantRight()
	_, err := l.poll()
	var n *drivers.NoAnswer
	if err == nil || errors.As(err, &n) {
		t.Fatalf("poll of a closed connection = %v, want an error of the link", err)
	}
	if err := l.link.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	l.wantRight()
}

func TestDoEndsWithContext(t *testing.T) {
	asked := make(chan struct{})
	r := serve(t, func(query) action { close(asked); return action{} })
	l := dial(t, r, 2*time.Second)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-asked; cancel() }()
	var b mapping.Batch
	if _, err := l.link.Do(ctx, l.job, 0, &b); !errors.Is(err, context.Canceled) {
		t.Errorf("Do = %v, want canceled", err)
	}
	<-r.closed // nothing is left behind once the request's time is over
}

func TestOpenEndsWithContext(t *testing.T) {
	accepted := make(chan net.Conn, 1)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() { // takes the connection and never shakes hands
		conn, err := listener.Accept()
		if err == nil {
			accepted <- conn
		}
		cancel()
	}()
	link, err := NewLink(LinkOptions{Transport: "tls", Address: listener.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	if err := link.Open(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Open = %v, want canceled", err)
	}
	(<-accepted).Close()
}

func TestPause(t *testing.T) {
	asked := make(chan time.Time, 3)
	r := serve(t, func(q query) action { asked <- time.Now(); return action{send: q.right()} })
	link, err := NewLink(LinkOptions{Transport: "tcp", Address: r.addr, Pause: 30 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if err := link.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer link.Close()
	l := on(t, link, long, words(0, 50, 100)...)
	if _, err := l.poll(); err != nil {
		t.Fatal(err)
	}
	last := <-asked
	for range 2 {
		next := <-asked
		if d := next.Sub(last); d < 30*time.Millisecond {
			t.Errorf("a request came %v after the one before, want at least the pause", d)
		}
		last = next
	}
}

func TestUnknownTransport(t *testing.T) {
	if _, err := NewLink(LinkOptions{Transport: "carrier pigeon"}); err == nil {
		t.Error("NewLink took any transport")
	}
}

// shortTransport answers with a byte less than was asked for.
type shortTransport struct{}

func (shortTransport) open(context.Context) error { return nil }
func (shortTransport) close() error               { return nil }
func (shortTransport) exchange(_ context.Context, r request, _ wait) ([]byte, error) {
	return make([]byte, r.size()-1), nil
}

func TestAnswerOfWrongSize(t *testing.T) {
	link := newLink(LinkOptions{}, shortTransport{})
	if err := link.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	on(t, link, long, words(0)...).wantNoAnswer(mapping.BadCommunicationError, what+"answer of 1 bytes, want 2")
}
