package sinks

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// TestElsewhere holds back what others may have delivered until that is known, passes over what they did, and delivers what was missing.
func TestElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		wide(r.log, 1000)
		e := NewElsewhere(r.log, "test", 1000)
		log := &logOf{Log: e}
		r.make(ForwarderOptions{Batch: 300})
		r.f.o.Log = log
		r.run()
		r.wait(time.Minute)
		if len(r.sink.got) > 0 {
			t.Fatalf("%d samples went out before it was known what others delivered", len(r.sink.got))
		}
		e.Known([]Span{{100, 250}, {260, 800}}, Dealt{Delivered: 600, Rejected: 90})
		wide(r.log, 7)
		r.wait(time.Minute)
		var want []uint64
		for _, s := range []Span{{0, 100}, {250, 260}, {800, 1000}, {0, 7}} { // what came later has values from 0 on
			for p := s.From; p < s.To; p++ {
				want = append(want, uint64(p))
			}
		}
		if !slices.Equal(r.sink.got, want) {
			t.Errorf("delivered %d samples, want %d: %v", len(r.sink.got), len(want), r.sink.got)
		}
		if r.log.acked() != 1007 || log.dealt.Delivered != uint64(len(want)) {
			t.Errorf("acknowledged %d, delivered %+v", r.log.acked(), log.dealt)
		}
		if e.dealt != (Dealt{}) {
			t.Errorf("%+v was never told to the log", e.dealt)
		}
		r.stop()
	})
}

// logOf adds up what its log is told.
type logOf struct {
	Log
	dealt Dealt
}

func (l *logOf) Ack(sink string, p Pos, d Dealt) error {
	l.dealt.Add(d)
	return l.Log.Ack(sink, p, d)
}

// TestElsewhereNothing gives all of it once it is known that nobody delivered anything, and nothing at all when that never is and a drain
// begins.
func TestElsewhereNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, known := range []bool{true, false} {
			r := newRig(t)
			wide(r.log, 20)
			e := NewElsewhere(r.log, "test", 20)
			r.make(ForwarderOptions{})
			r.f.o.Log = e
			r.run()
			want := 0
			if known {
				e.Known(nil, Dealt{})
				want = 20
			}
			r.wait(time.Minute)
			if err := r.f.Drain(t.Context()); err != nil {
				t.Error(err)
			}
			if len(r.sink.got) != want {
				t.Errorf("delivered %d samples, want %d", len(r.sink.got), want)
			}
			r.stop()
		}
	})
}
