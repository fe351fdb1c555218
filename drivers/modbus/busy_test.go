package modbus

import (
	"testing"

	"tagbridge/mapping"
)

func TestBusyOnce(t *testing.T) {
	for _, e := range []Exception{Acknowledge, DeviceBusy} {
		p := planOf(Limits{}, words(0, 50, 100)...)
		u := newUnit()
		first := true
		u.refuse = func(r request) Exception {
			if r.address == 0 && first {
				first = false
				return e
			}
			return 0
		}
		wantBad(t, u.poll(t, p), mapping.Good)
		if len(u.asked) != 4 || u.asked[3].address != 0 {
			t.Errorf("%v: requests %v, want that for 0 again at the end", e, u.asked)
		}
	}
}

func TestBusyWaits(t *testing.T) {
	p := planOf(Limits{}, words(0)...)
	u := newUnit()
	p.begin(start{now: u.now})
	p.next()
	if !p.pause().IsZero() {
		t.Errorf("pause before the first request: %v", p.pause())
	}
	var b mapping.Batch
	p.refuse(DeviceBusy, u.now, &b)
	if want := u.now.Add(busyPause); !p.pause().Equal(want) || len(b.Samples) != 0 {
		t.Errorf("pause until %v, want %v; samples %v", p.pause(), want, b.Samples)
	}
}

func TestBusyForLong(t *testing.T) {
	p := planOf(Limits{}, words(0, 50)...)
	u := newUnit()
	u.refuse = illegal(DeviceBusy, 0)
	wantBad(t, u.poll(t, p), mapping.BadResourceUnavailable, 0)
	if len(u.asked) != 3 {
		t.Errorf("first round asks %v, want the busy block twice", u.asked)
	}
	wantBad(t, u.poll(t, p), mapping.BadResourceUnavailable, 0)
	if len(u.asked) != 2 {
		t.Errorf("second round asks %v, want the busy block once", u.asked)
	}
	if want := "map.csv:2: device busy (exception 6): unit 1, function 3, holding 0"; p.Err(0) != want {
		t.Errorf("Err = %q, want %q", p.Err(0), want)
	}
	u.refuse = func(request) Exception { return 0 }
	wantBad(t, u.poll(t, p), mapping.Good)
	if p.Err(0) != "" || len(u.changes) != 0 {
		t.Errorf("Err = %q, changes %v: busy is no change to log", p.Err(0), u.changes)
	}
}
