package modbus

import (
	"testing"
	"time"

	"tagbridge/mapping"
)

// dead answers for all units but 2.
func dead(q query) []byte {
	if q.unit == 2 {
		return nil
	}
	return q.right()
}

func TestUnitsWithTheirOwnTimeouts(t *testing.T) {
	r := serve(t, always(dead))
	alive := dial(t, r, long)
	two := on(t, alive.link, short, words(0)...)
	two.plan.unit = 2
	alive.wantRight()
	for range 3 {
		two.wantNoAnswer(mapping.BadTimeout, "read unit 2, function 3, holding 0: no answer within 40ms")
		alive.wantRight()
	}
	// The first silence leaves a connection with the long limit behind, for that long. The others do not: each probe
	// has its own, and is closed before the live unit's is opened.
	for range 4 {
		<-r.closed
	}
	if n := r.conns.Load(); n != 6 {
		t.Errorf("%d connections, want 6", n)
	}
}

func TestOneConnectionForAllWhoAnswer(t *testing.T) {
	r := serve(t, func(q query) action {
		switch {
		case q.number == 2:
			return action{}
		case q.number == 10:
			return action{send: q.exception(TargetFailedRespond)}
		}
		return action{send: q.right()}
	})
	alive := dial(t, r, long)
	two := on(t, alive.link, time.Second, words(0)...)
	two.plan.unit = 2
	alive.wantRight()
	two.job.Device.Timeout = short
	two.wantNoAnswer(mapping.BadTimeout, "read unit 2, function 3, holding 0: no answer within 40ms")
	two.job.Device.Timeout = time.Second
	two.wantRight()
	for range 3 {
		alive.wantRight()
		two.wantRight()
	}
	two.wantNoAnswer(mapping.BadNoCommunication, "read unit 2, function 3, holding 0: "+TargetFailedRespond.Error())
	for range 3 {
		alive.wantRight()
		two.wantRight()
	}
	// The first, one for the unit that had been silent, one for all.
	if n := r.conns.Load(); n != 3 {
		t.Errorf("%d connections, want 3", n)
	}
}

func TestLongerTimeoutThanTheLinkWasToldOf(t *testing.T) {
	release := make(chan struct{})
	r := serve(t, func(q query) action {
		if q.number == 2 {
			<-release
		}
		return action{send: q.right()}
	})
	l := dial(t, r, short)
	l.wantRight()
	patient := on(t, l.link, long, words(1)...)
	go func() { close(release) }()
	patient.wantRight()
	if n := r.conns.Load(); n != 2 {
		t.Errorf("%d connections, want a second with the longer limit", n)
	}
}

func TestReadOnce(t *testing.T) {
	r := serve(t, func(q query) action {
		switch {
		case q.number == 2: // repeated
			return action{}
		case q.address == 50:
			return action{send: q.exception(IllegalDataAddress)}
		case q.address == 150:
			return action{}
		}
		return action{send: q.right()}
	})
	l := dial(t, r, short)
	l = on(t, l.link, short, words(0, 50, 100, 150, 200)...)
	l.job.Device.Retries = 2
	var b mapping.Batch
	if err := ReadOnce(t.Context(), l.link, l.job, &b); err != nil {
		t.Fatalf("ReadOnce = %v, want a silent request to cost its tag alone", err)
	}
	if n := r.count.Load(); n != 8 {
		t.Errorf("%d requests, want 8: one of five is repeated, one twice", n)
	}
	want := []mapping.Quality{mapping.Good, mapping.BadConfigurationError, mapping.Good, mapping.BadTimeout, mapping.Good}
	for _, s := range b.Samples {
		if s.Quality != want[s.Index] {
			t.Errorf("quality of tag %d = %v, want %v", s.Index, s.Quality, want[s.Index])
		}
	}
	if len(b.Samples) != len(want) {
		t.Errorf("%d samples, want %d", len(b.Samples), len(want))
	}
}
