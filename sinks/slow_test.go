package sinks

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// slowSink takes a sample every so often, and gives a request up after a while as everything on a line does.
type slowSink struct {
	fakeSink
	each, limit time.Duration
	longest     time.Duration
	wasted      int // samples sent in vain
	moves       bool
}

func (s *slowSink) Send(ctx context.Context, v *View) (int, error) {
	d := time.Duration(v.Len()) * s.each
	s.longest = max(s.longest, min(d, s.limit))
	for passed := time.Duration(0); passed < min(d, s.limit); passed += time.Second {
		time.Sleep(min(time.Second, min(d, s.limit)-passed))
		if s.moves {
			v.Moved()
		}
	}
	if d > s.limit {
		s.wasted += int(s.limit / s.each)
		return 0, &Fault{Suspect: v.Len(), Err: errors.New("no answer")}
	}
	return s.fakeSink.Send(ctx, v)
}

// TestForwarderDrainsOverASlowLine has a backlog over lines of different speeds, on which requests are given up after a
// time: it is delivered at nine tenths of what the line carries, what is new comes after it, and the sink never counts
// as hanging.
func TestForwarderDrainsOverASlowLine(t *testing.T) {
	for _, each := range []time.Duration{10 * time.Microsecond, 1300 * time.Microsecond, 20 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			backlog := min(300_000, int(time.Hour/each))
			r := newRig(t)
			s := &slowSink{each: each, limit: 30 * time.Second, moves: true}
			g := testGroup("a", 500)
			for i := 0; i < backlog; i += 500 {
				r.log.append(intBatch(g, i, 500))
			}
			r.make(ForwarderOptions{})
			r.f.o.Sink = s
			begin := time.Now()
			r.run()
			for r.f.Stats().Behind > 0 {
				r.wait(5 * time.Second)
				if st := r.f.Stats(); st.Sending >= hangAfter {
					t.Fatalf("the sink hangs: %+v", st)
				}
				if time.Since(begin) > 3*time.Hour {
					t.Fatalf("not delivered after %v: %+v", time.Since(begin), r.f.Stats())
				}
			}
			taken := time.Since(begin)
			if !slices.Equal(s.got, upTo(0, backlog)) || s.wasted > backlog/10 {
				t.Errorf("%v a sample: delivered %d, in vain %d of %d", each, len(s.got), s.wasted, backlog)
			}
			if most := time.Duration(backlog)*each*10/9 + 10*time.Second; taken > most {
				t.Errorf("%v a sample: took %v, want at most %v", each, taken, most)
			}
			r.stop()
		})
	}
}

// TestForwarderShrinksWhatIsGivenUpOnTheWay has something on the way give up every request after 3 s, of which the
// forwarder knows nothing: requests become small enough.
func TestForwarderShrinksWhatIsGivenUpOnTheWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const backlog = 100_000
		r := newRig(t)
		s := &slowSink{each: time.Millisecond, limit: 3 * time.Second}
		g := testGroup("a", 500)
		for i := 0; i < backlog; i += 500 {
			r.log.append(intBatch(g, i, 500))
		}
		r.make(ForwarderOptions{})
		r.f.o.Sink = s
		r.run()
		r.wait(5 * time.Minute)
		if !slices.Equal(s.got, upTo(0, backlog)) || s.wasted > 4*backlog/10 || r.f.Stats().Rejected != 0 {
			t.Errorf("delivered %d, in vain %d, stats %+v", len(s.got), s.wasted, r.f.Stats())
		}
		r.stop()
	})
}

// TestForwarderPausesGrowWhileConnectionsDoNotLast has a connection end each time after it took something, as when two
// clients throw each other out.
func TestForwarderPausesGrowWhileConnectionsDoNotLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		ends := 0
		fight := true
		r.sink.answer = func(v *View) (int, error) {
			if fight && len(r.sink.sizes)%2 == 0 {
				ends++
				return 0, errEnded
			}
			return v.Len(), nil
		}
		r.start(ForwarderOptions{Flush: 100 * time.Millisecond})
		polls := 0
		run := func(d time.Duration) {
			for end := time.Now().Add(d); time.Now().Before(end); polls++ {
				r.log.append(intBatch(testGroup("a", 1), polls, 1))
				r.wait(time.Second)
			}
		}
		run(10 * time.Minute)
		if ends > 35 {
			t.Errorf("%d connections in ten minutes", ends)
		}
		r.change(func() { fight = false })
		run(5 * time.Minute)
		r.change(func() { fight = true; ends = 0 })
		run(8 * time.Second)
		if ends < 2 {
			t.Errorf("%d tries within 8 s after five minutes that were well: the pauses did not begin small again", ends)
		}
		r.stop()
	})
}

// TestForwarderSaysThatASinkHangs has a Send that does not return: that is the sink's state, said once, and over when it
// goes on.
func TestForwarderSaysThatASinkHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		wait := make(chan struct{})
		r.sink.answer = func(v *View) (int, error) {
			<-wait
			return v.Len(), nil
		}
		r.start(ForwarderOptions{})
		r.log.append(intBatch(testGroup("a", 3), 0, 3))
		r.wait(hangAfter - time.Second)
		if s := r.f.Stats(); s.Error != "" || r.logged("sink hangs") != 0 {
			t.Errorf("before its time: %+v", s)
		}
		r.wait(10 * time.Minute)
		if s := r.f.Stats(); s.Connected || !strings.Contains(s.Error, "has not taken a byte for 10m") || r.logged("sink hangs") != 1 {
			t.Errorf("%+v, log:\n%s", s, r.output.String())
		}
		close(wait)
		r.wait(5 * time.Second)
		if s := r.f.Stats(); !s.Connected || s.Error != "" || s.Delivered != 3 || r.logged("sink hangs no more") != 1 {
			t.Errorf("%+v, log:\n%s", s, r.output.String())
		}
		r.stop()
	})
}

// TestForwarderSaysHowLongItWaitsAndIsHurried has a sink that asks for ten days.
func TestForwarderSaysHowLongItWaitsAndIsHurried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		dir := t.TempDir()
		r.sink.answer = func(v *View) (int, error) {
			if len(r.sink.sizes) < 3 {
				return 0, &Fault{After: 864000 * time.Second, Err: errDown}
			}
			return v.Len(), nil
		}
		r.start(ForwarderOptions{Reject: NewRejects(RejectsOptions{Dir: dir, MaxSize: 1 << 20})})
		r.log.append(intBatch(testGroup("a", 3), 0, 3))
		r.wait(time.Minute)
		if text := r.f.Stats().Error; !strings.Contains(text, "240h0m0s") || !strings.Contains(text, "10m0s") || r.logged("240h0m0s") != 1 {
			t.Errorf("error %q", text)
		}
		r.f.Hurry()
		r.wait(time.Second)
		if n := len(r.sink.times); n != 2 {
			t.Errorf("%d tries after it was hurried, want 2", n)
		}
		if err := AskResend(dir); err != nil {
			t.Fatal(err)
		}
		r.wait(2 * time.Second)
		if s := r.f.Stats(); s.Delivered != 3 {
			t.Errorf("after rejected samples were to be sent again: %+v", s)
		}
		r.stop()
	})
}

// TestForwarderSaysAnotherReason has the reason of an outage change: that is said, and repeats are not.
func TestForwarderSaysAnotherReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		text := "connection refused"
		r.sink.answer = func(*View) (int, error) { return 0, errors.New(text) }
		r.start(ForwarderOptions{})
		r.log.append(intBatch(testGroup("a", 3), 0, 3))
		r.wait(10 * time.Minute)
		r.change(func() { text = "no space left, 17 of them" })
		r.wait(10 * time.Minute)
		r.change(func() { text = "no space left, 18 of them" })
		r.wait(10 * time.Minute)
		if r.logged("connection refused") != 1 || r.logged("no space left") != 1 {
			t.Errorf("log:\n%s", r.output.String())
		}
		r.stop()
	})
}
