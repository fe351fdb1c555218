package modbus

import (
	"testing"

	"tagbridge/drivers"
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
	if n := r.conns.Load(); n != 1 {
		t.Errorf("%d connections, want one", n)
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
	if err := drivers.ReadOnce(t.Context(), l.link, l.job, &b); err != nil {
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
