package drivers

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/mapping"
)

var errRefused = fmt.Errorf("dial tcp 127.0.0.1:502: %w", syscall.ECONNREFUSED)

func TestRefusedConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.openAs = func() error { return errRefused }
		r.run(newJob(1, time.Second, 3), newJob(2, time.Second, 1))
		r.pass(10 * time.Minute)
		if r.opens < 20 || r.opens > 33 {
			t.Errorf("%d attempts in 10 minutes, want pauses from 1 to 30 s", r.opens)
		}
		for _, name := range []string{"u1", "u2"} {
			want := []mapping.Quality{mapping.BadNotConnected}
			if got := r.qualities(name, 0); !slices.Equal(got, want) {
				t.Errorf("%s: qualities %v, want %v", name, got, want)
			}
			d := r.device(name)
			if d.State != Disconnected || !strings.Contains(d.Error, "connection refused") || d.Errors[ErrorRefused] != uint64(r.opens) {
				t.Errorf("device %+v, want disconnected by refusal", d)
			}
		}
		if r.closes != 0 {
			t.Errorf("a link that never opened was closed %d times", r.closes)
		}
		r.openAs = nil
		r.forget()
		r.pass(31 * time.Second)
		if got := r.qualities("u1", 0); len(got) == 0 || got[0] != mapping.Good {
			t.Errorf("after the return %v, want good", got)
		}
		if n := strings.Count(r.logs.String(), `offline, as the connection is down" endpoint="" devices=2 names="u1, u2"`); n != 1 {
			t.Errorf("the outage was logged %d times, want once for both devices:\n%s", n, r.logs)
		}
	})
}

// A peer that closes idle connections costs neither a bad sample nor the schedule.
func TestIdleConnectionClosedByPeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		stale := 0
		r.do = func(*Job, int) error {
			if r.opens <= stale {
				stale = r.opens
				return errors.New("connection reset by peer")
			}
			return nil
		}
		j := newJob(1, time.Minute, 1)
		r.run(j)
		for range 5 {
			r.pass(time.Minute)
			stale = r.opens
		}
		for _, b := range r.sent {
			if b.samples[0].Quality != mapping.Good {
				t.Errorf("sent %v at %v, want good only", b.samples[0].Quality, b.at)
			}
		}
		if r.opens < 4 || len(r.sent) < 4 {
			t.Errorf("%d opens, %d polls, want each broken one mended", r.opens, len(r.sent))
		}
		for _, b := range r.sent[1:] {
			if b.at%time.Minute != offset(j) {
				t.Errorf("poll at %v, want phase %v", b.at, offset(j))
			}
		}
	})
}

// When opening again does not help, all tags say so at once.
func TestLinkDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.steps["u1"] = 2
		r.run(newJob(1, time.Second, 2), newJob(2, time.Hour, 1))
		r.pass(5 * time.Second)
		r.forget()
		r.do = func(_ *Job, step int) error {
			if step == 1 {
				r.openAs = func() error { return errRefused }
				return errors.New("broken pipe")
			}
			return nil
		}
		r.pass(time.Second)
		want := []mapping.Quality{mapping.Good, mapping.BadNotConnected}
		if got := r.qualities("u1", 0); !slices.Equal(got, want) {
			t.Errorf("u1: qualities %v, want what was read before the break, then %v", got, want)
		}
		if got := r.qualities("u2", 0); !slices.Equal(got, want[1:]) {
			t.Errorf("u2: qualities %v, want %v", got, want[1:])
		}
		r.openAs, r.do = nil, nil
		r.forget()
		r.pass(3 * time.Second)
		if n := len(r.times("u2")); n != 1 {
			t.Errorf("u2 was read %d times after the return, want once and then in an hour", n)
		}
	})
}

// What was read before a break does not wait for the connection to be mended, and a dead unit is asked once it is.
func TestMendTakesTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.steps["u1"] = 2
		r.dead[2] = 2 * time.Second
		r.run(newJob(1, 10*time.Second, 2), newJob(2, time.Second, 1))
		r.pass(30 * time.Second)
		r.openAs = func() error {
			time.Sleep(3 * time.Second)
			r.openAs = func() error { return errRefused }
			return nil
		}
		r.do = func(j *Job, step int) error {
			if j.Device.UnitID == 1 && step == 1 {
				return errors.New("broken pipe")
			}
			return nil
		}
		r.forget()
		r.pass(10 * time.Second)
		if len(r.sent) == 0 || r.sent[0].at != r.times("u1")[0] {
			t.Errorf("sent %+v, want the first answer at once", r.sent)
		}
		r.openAs, r.do = nil, nil
		r.forget()
		r.pass(10 * time.Second)
		if x, y := r.times("u1"), r.times("u2"); len(y) == 0 || y[0]-x[0] > 100*ms {
			t.Errorf("after the return u1 read at %v, u2 probed at %v, want at once", x, y)
		}
	})
}

// A host that accepts and then breaks each time is not an open link: the pauses grow.
func TestOpensAndBreaks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.do = func(*Job, int) error { return errors.New("connection reset by peer") }
		r.run(newJob(1, time.Second, 1))
		r.pass(5 * time.Minute)
		if r.opens > 25 {
			t.Errorf("%d attempts in 5 minutes, want growing pauses", r.opens)
		}
		if n := len(r.sent); n != 1 {
			t.Errorf("%d batches sent, want one bad sample", n)
		}
		for tag := range r.lane.Tags() {
			if tag.Sample.Time != r.start.UnixNano() {
				t.Errorf("the bad tag has time %v, want that of the first failure", time.Unix(0, tag.Sample.Time))
			}
		}
		if r.closes != r.opens {
			t.Errorf("%d opens, %d closes", r.opens, r.closes)
		}
	})
}

func TestBackoff(t *testing.T) {
	var b backoff
	for range 20 {
		b.reset()
		if p := b.next(); p < time.Second || p >= 1500*ms {
			t.Fatalf("first pause %v, want 1 to 1.5 s", p)
		}
		var last time.Duration
		for range 10 {
			last = b.next()
		}
		if last < 20*time.Second || last > 30*time.Second {
			t.Fatalf("pauses grow to %v, want 20 to 30 s", last)
		}
	}
}

func TestLinkErrorKinds(t *testing.T) {
	for _, c := range []struct {
		err  error
		kind ErrorKind
		says string
	}{
		{errRefused, ErrorRefused, "connection refused"},
		{syscall.EHOSTUNREACH, ErrorUnreachable, "host unreachable"},
		{syscall.ETIMEDOUT, ErrorConnect, "host does not answer"},
		{errors.New("broken"), ErrorConnection, "not connected"},
		{fmt.Errorf("serial port is in use: %w", syscall.EWOULDBLOCK), ErrorConnection, "not connected: serial port is in use"},
	} {
		kind, err := linkError(c.err)
		if kind != c.kind || !strings.Contains(err.Error(), c.says) || !errors.Is(err, c.err) {
			t.Errorf("linkError(%v) = %v, %v, want %v, %q", c.err, kind, err, c.kind, c.says)
		}
	}
	for k := range numErrorKinds {
		if k.String() == "" {
			t.Errorf("error kind %d has no name", k)
		}
	}
}

// A unit that is dead when the connection is back is said to be: what it waits for is not the connection any more.
func TestStillOffline(t *testing.T) {
	for _, before := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, LaneOptions{})
			if before {
				r.dead[1] = 10 * ms
			}
			r.run(newJob(1, time.Second, 1), newJob(2, time.Second, 1))
			r.pass(10 * time.Second)
			r.openAs = func() error { return errors.New("no way there") }
			r.do = func(*Job, int) error { return errors.New("connection reset by peer") }
			r.pass(10 * time.Second)
			if d := r.device("u1"); d.State != Disconnected {
				t.Errorf("dead before %v: %v without a connection, want disconnected", before, d.State)
			}
			r.dead[1] = 10 * ms
			r.openAs, r.do = nil, nil
			r.pass(time.Minute)
			if d := r.device("u1"); d.State != Offline || d.Error != errSilent.Error() {
				t.Errorf("dead before %v: %v because of %q, want offline and silent", before, d.State, d.Error)
			}
			if n := strings.Count(r.logs.String(), `msg="device still offline" endpoint="" device=u1`); n != 1 {
				t.Errorf("dead before %v: said %d times, want once:\n%s", before, n, r.logs)
			}
		})
	}
}
