package sinks

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var errEnded = errors.New("the connection ended")

// endOn makes an answer that ends the connection over whatever holds a value for which poison says so.
func endOn(poison func(v uint64) bool, answered bool) func(*View) (int, error) {
	return func(v *View) (int, error) {
		for i := range v.Batches {
			for _, s := range v.Batches[i].Samples {
				if poison(s.Bits) {
					return 0, &Fault{Suspect: v.Len(), Answered: answered, Err: errEnded}
				}
			}
		}
		return v.Len(), nil
	}
}

// TestForwarderFindsTheSampleThatEndsTheConnection has a sink that hangs up on one sample: it is rejected alone, and the
// others are delivered once.
func TestForwarderFindsTheSampleThatEndsTheConnection(t *testing.T) {
	const n = 700
	for _, poison := range []uint64{0, 1, 350, n - 2} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t)
			dir := t.TempDir()
			r.sink.answer = endOn(func(v uint64) bool { return v == poison }, false)
			wide(r.log, n)
			r.start(ForwarderOptions{Reject: NewRejects(RejectsOptions{Dir: dir, MaxSize: 1 << 20})})
			r.wait(10 * time.Minute)
			slices.Sort(r.sink.got)
			if want := slices.Delete(upTo(0, n), int(poison), int(poison)+1); !slices.Equal(r.sink.got, want) || r.log.acked() != n {
				t.Errorf("poison %d: delivered %d, acknowledged %d", poison, len(r.sink.got), r.log.acked())
			}
			if got := rejected(t, dir); !slices.Equal(got, []uint64{poison}) {
				t.Errorf("poison %d: rejected %v", poison, got)
			}
			if s := r.f.Stats(); s.Delivered != n-1 || s.Rejected != 1 || !s.Connected {
				t.Errorf("stats %+v", s)
			}
			r.stop()
		})
	}
}

// TestForwarderKeepsASeriesInOrderWhileItDoubts has a series some samples of which end the connection: what is taken of it
// is in order all the same.
func TestForwarderKeepsASeriesInOrderWhileItDoubts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.sink.answer = endOn(func(v uint64) bool { return v%7 == 0 }, false)
		g, other := testGroup("a", 1), testGroup("b", 1)
		for i := range 30 {
			r.log.append(intBatch(g, i, 1))
			r.log.append(intBatch(other, 1000+7*i+1, 1))
		}
		r.start(ForwarderOptions{})
		r.wait(3 * time.Hour)
		var ofA, ofB []uint64
		for _, v := range r.sink.got {
			if v < 1000 {
				ofA = append(ofA, v)
			} else {
				ofB = append(ofB, v)
			}
		}
		if !slices.IsSorted(ofA) || !slices.IsSorted(ofB) || len(ofA)+len(ofB)+int(r.f.Stats().Rejected) != 60 || r.log.acked() != 60 {
			t.Errorf("delivered %v and %v, rejected %d", ofA, ofB, r.f.Stats().Rejected)
		}
		r.stop()
	})
}

// TestForwarderTakesNoOutageForASample has every connection end while something is under way, for an hour: nothing is
// rejected, and there is no storm.
func TestForwarderTakesNoOutageForASample(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		down := true
		r.sink.answer = func(v *View) (int, error) { return endOn(func(uint64) bool { return down }, false)(v) }
		wide(r.log, 3000)
		r.start(ForwarderOptions{})
		r.wait(time.Hour)
		if s := r.f.Stats(); s.Rejected != 0 || s.Connected || len(r.sink.sizes) > 300 {
			t.Errorf("after an hour with %d requests: %+v", len(r.sink.sizes), s)
		}
		r.change(func() { down = false; r.sink.sizes = nil })
		r.wait(2 * time.Minute)
		slices.Sort(r.sink.got)
		if !slices.Equal(r.sink.got, upTo(0, 3000)) || len(r.sink.sizes) > 20 {
			t.Errorf("delivered %d in %d requests once the sink was back", len(r.sink.got), len(r.sink.sizes))
		}
		r.stop()
	})
}

// TestForwarderRejectsTheOnlySeriesThatEndsAnsweredConnections has nothing else that the sink could take: the other side
// answered on each connection before, so that it is no outage.
func TestForwarderRejectsTheOnlySeriesThatEndsAnsweredConnections(t *testing.T) {
	for _, answered := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t)
			r.sink.answer = endOn(func(uint64) bool { return true }, answered)
			r.log.append(intBatch(testGroup("a", 1), 1, 1))
			r.start(ForwarderOptions{})
			r.wait(time.Hour)
			if s := r.f.Stats(); s.Rejected == 1 != answered {
				t.Errorf("answered %v: stats %+v", answered, s)
			}
			r.stop()
		})
	}
}

// TestForwarderGoesToWhatTheSinkNames has a sink that tells which sample was under way: no search is needed.
func TestForwarderGoesToWhatTheSinkNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.sink.answer = func(v *View) (int, error) {
			n := 0
			for i := range v.Batches {
				for _, s := range v.Batches[i].Samples {
					if s.Bits == 300 {
						return n, &Fault{Suspect: 1, Answered: true, Err: errEnded}
					}
					n++
				}
			}
			return n, nil
		}
		wide(r.log, 700)
		r.start(ForwarderOptions{})
		r.wait(time.Minute)
		if s := r.f.Stats(); s.Delivered != 699 || s.Rejected != 1 || len(r.sink.sizes) > 8 {
			t.Errorf("%d requests, stats %+v", len(r.sink.sizes), s)
		}
		r.stop()
	})
}

// TestForwarderHoldsWhatIsRefusedByASinkThatHasTakenNothing has everything be refused from the start: that is no fault of
// the samples, and no reason to ask without a pause.
func TestForwarderHoldsWhatIsRefusedByASinkThatHasTakenNothing(t *testing.T) {
	for name, known := range map[string]int{"searched for": 0, "named": 3} {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t)
			ill := true
			r.sink.answer = func(v *View) (int, error) {
				if ill {
					return 0, &Fault{Action: Refuse, Refused: known, Err: errors.New("no such thing")}
				}
				return v.Len(), nil
			}
			wide(r.log, 1000)
			r.start(ForwarderOptions{})
			r.wait(time.Hour)
			s := r.f.Stats()
			if s.Rejected != 0 || s.Connected || !strings.Contains(s.Error, "refuses everything") || !strings.Contains(s.Error, "no such thing") {
				t.Errorf("%s: stats %+v", name, s)
			}
			if n := len(r.sink.sizes); n > 9*200 || r.logged("level=ERROR") != 1 {
				t.Errorf("%s: %d requests in an hour, log:\n%s", name, n, r.output.String())
			}
			r.change(func() { ill = false })
			r.wait(time.Minute)
			if s := r.f.Stats(); s.Rejected != 0 || s.Delivered != 1000 || !s.Connected {
				t.Errorf("%s: once it was mended: %+v", name, s)
			}
			r.stop()
		})
	}
}

// TestForwarderRejectsBeforeAnythingWasTakenWhenTheSinkIsSure has a backlog that the database finds too old as a whole.
func TestForwarderRejectsBeforeAnythingWasTakenWhenTheSinkIsSure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.sink.answer = func(v *View) (int, error) {
			return 0, &Fault{Action: Refuse, Refused: v.Len(), Sure: true, Err: errors.New("too old")}
		}
		wide(r.log, 1000)
		r.start(ForwarderOptions{})
		r.wait(time.Minute)
		if s := r.f.Stats(); s.Rejected != 1000 || len(r.sink.sizes) != 1 {
			t.Errorf("%d requests, stats %+v", len(r.sink.sizes), s)
		}
		r.stop()
	})
}

func TestViewDrop(t *testing.T) {
	a, b := testGroup("a", 3), testGroup("b", 1)
	for i, want := range [][]string{
		{"a 1", "a 2", "b 3", "a 4", "a 5", "a 6"},
		{"a 0", "a 2", "b 3", "a 4", "a 5", "a 6"},
		{"a 0", "a 1", "b 3", "a 4", "a 5", "a 6"},
		{"a 0", "a 1", "a 2", "a 4", "a 5", "a 6"},
		{"a 0", "a 1", "a 2", "b 3", "a 5", "a 6"},
	} {
		var v View
		v.AppendFrom(10, intBatch(a, 0, 3), nil)
		v.AppendFrom(13, intBatch(b, 3, 1), nil)
		v.AppendFrom(14, intBatch(a, 4, 3), nil)
		v.drop(i)
		if !slices.Equal(contents(&v), want) || v.Len() != len(want) {
			t.Errorf("without %d: %q", i, contents(&v))
		}
		for n := range want {
			real := Pos(10 + n)
			if n >= i {
				real++
			}
			if p, ok := v.position(n); !ok || p != real {
				t.Errorf("without %d: sample %d is said to be from %d, it is from %d", i, n, p, real)
			}
		}
	}
}
