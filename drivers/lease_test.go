package drivers

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/mapping"
)

// TestLease has a lane read only while it may: it is connected to nothing before and after, no tag is told that anything went wrong, and
// when it may read again the first sample of each tag is sent.
func TestLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lease := NewLease(nil).Named(func() string { return "pc-b" })
		r := newRig(t, LaneOptions{Lease: lease})
		r.run(newJob(1, time.Second, 2))
		r.pass(time.Hour)
		if r.opens > 0 || len(r.sent) > 0 || r.device("u1").State != Elsewhere {
			t.Errorf("without the lease: %d connections, %d batches, %v", r.opens, len(r.sent), r.device("u1").State)
		}
		for round := 1; round <= 3; round++ {
			lease.Grant()
			r.pass(5500 * ms)
			if line := r.lane.Line(); line.Elsewhere || line.ReadBy != "" || !line.Connected {
				t.Errorf("round %d: the line is %+v", round, line)
			}
			if r.opens != round || !r.open || r.device("u1").State != Online {
				t.Errorf("round %d: %d connections, %v", round, r.opens, r.device("u1").State)
			}
			if n := len(r.times("u1")); n != 6*round {
				t.Errorf("round %d: %d exchanges", round, n)
			}
			lease.Revoke()
			r.pass(time.Hour)
			if line := r.lane.Line(); !line.Elsewhere || line.ReadBy != "pc-b" || line.Connected {
				t.Errorf("after round %d: the line is %+v", round, line)
			}
			if r.open || r.closes != round || r.device("u1").State != Elsewhere || r.device("u1").BadTags > 0 {
				t.Errorf("after round %d: open %v, %d closed, %+v", round, r.open, r.closes, r.device("u1"))
			}
		}
		for _, q := range r.qualities("u1", 0) {
			if q != mapping.Good {
				t.Errorf("a tag was sent as %v", q)
			}
		}
		if strings.Contains(r.logs.String(), "offline") {
			t.Errorf("the log is\n%s", r.logs)
		}
	})
}

// TestLeaseIsNotValid has nobody revoke a lease that is over: nothing is asked until it is valid again.
func TestLeaseIsNotValid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var until atomic.Int64
		until.Store(time.Now().Add(time.Second).UnixNano())
		lease := NewLease(func() bool { return time.Now().UnixNano() < until.Load() })
		r := newRig(t, LaneOptions{Lease: lease})
		r.run(newJob(1, 100*ms, 1))
		lease.Grant()
		r.pass(time.Minute)
		at := r.times("u1")
		if n := len(at); n != 10 || at[n-1] > time.Second {
			t.Errorf("%d exchanges, the last after %v", n, at[n-1])
		}
		until.Store(time.Now().Add(time.Second).UnixNano())
		r.pass(time.Minute)
		if n := len(r.times("u1")); n < 18 || n > 21 {
			t.Errorf("%d exchanges after it was valid again", n)
		}
	})
}

// TestRevokeSaysWhenItIsOver waits for the connection to be closed.
func TestRevokeSaysWhenItIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lease := NewLease(nil)
		r := newRig(t, LaneOptions{Lease: lease})
		r.run(newJob(1, 100*ms, 1))
		<-lease.Revoke() // nothing reads yet
		for range 3 {
			lease.Grant()
			r.pass(time.Second)
			<-lease.Revoke()
			r.fence.Add(1)
			if r.open {
				t.Error("the connection is open after it was said to be over")
			}
		}
	})
}

// TestLeaseEndsARequest revokes it while a device is silent: the request is given up at once, and no tag is bad for that.
func TestLeaseEndsARequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lease := NewLease(nil)
		r := newRig(t, LaneOptions{Lease: lease})
		r.run(newJob(1, time.Second, 1))
		lease.Grant()
		r.pass(1500 * ms)
		r.dead[1] = time.Hour
		r.pass(time.Second)
		before := len(r.sent)
		lease.Revoke()
		r.pass(10 * ms)
		if r.open || len(r.sent) > before {
			t.Errorf("10 ms after: open %v, %d batches more", r.open, len(r.sent)-before)
		}
		delete(r.dead, 1)
		lease.Grant()
		r.pass(ms)
		if len(r.sent) == before {
			t.Error("nothing is read when it may again")
		}
	})
}

// TestLeaseAndReload changes what is read while another process reads it.
func TestLeaseAndReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lease := NewLease(nil)
		r := newRig(t, LaneOptions{Lease: lease})
		r.run(newJob(1, time.Second, 1))
		r.pass(time.Second)
		one, two := newJob(1, time.Second, 1), newJob(2, time.Second, 1)
		r.lane.Apply([]*Job{one, two})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := r.lane.Applied(ctx); err != nil {
			t.Fatal(err)
		}
		lease.Grant()
		r.pass(100 * ms)
		if len(r.times("u1")) != 1 || len(r.times("u2")) != 1 {
			t.Errorf("%d and %d exchanges", len(r.times("u1")), len(r.times("u2")))
		}
		lease.Revoke()
		r.lane.Apply(nil)
		if err := r.lane.Applied(ctx); err != nil {
			t.Fatal(err)
		}
		lease.Grant()
		r.pass(time.Second)
		if r.opens != 1 {
			t.Errorf("%d connections for nothing", r.opens)
		}
	})
}

// TestLeaseIsOverInAnExchange has a lease end while a request is being prepared: what the link is given says so without anybody
// revoking it, and it is no failure of the device.
func TestLeaseIsOverInAnExchange(t *testing.T) {
	valid := true
	lease := NewLease(func() bool { return valid })
	lease.Grant()
	ctx, end := lease.within(t.Context())
	defer end()
	if err := ctx.Err(); err != nil {
		t.Fatal(err)
	}
	valid = false
	if err := ctx.Err(); err != ErrElsewhere {
		t.Errorf("over, it says %v", err)
	}
	select {
	case <-ctx.Done():
		t.Error("what nobody revoked has ended")
	default:
	}
	valid = true
	lease.Revoke()
	<-ctx.Done()
	if err := ctx.Err(); err != context.Canceled {
		t.Errorf("revoked, it says %v", err)
	}
}
