package modbus

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/mapping"
)

// A unit that refuses everything for a while is read again soon after, however long that was; meanwhile it is asked little,
// and the log says so once.
func TestUnitThatRefusesEverythingForAWhile(t *testing.T) {
	for _, e := range []Exception{IllegalFunction, IllegalDataAddress, DeviceFailure, Exception(99)} {
		for _, lasts := range []time.Duration{3 * time.Second, 100 * time.Second, 8 * time.Hour} {
			synctest.Test(t, func(t *testing.T) {
				d := newOdd(t, "", nil, odd{tags: append(span(0, 20), span(1000, 20)...)})
				d.run()
				d.pass(10 * time.Second)
				d.sent, d.t.asked = nil, nil
				d.t.refuse = func(request) Exception { return e }
				d.pass(lasts)
				d.t.refuse = nil
				asked := slices.DeleteFunc(d.t.asked, func(r request) bool { return r.unit != 1 })
				if most := 6 + int(lasts/lastProbe); len(asked) > most {
					t.Errorf("%v for %v: %d requests, want %d at most", e, lasts, len(asked), most)
				}
				bad := map[int]mapping.Quality{}
				for _, s := range d.sent {
					if s.unit == 1 {
						bad[s.index] = s.q
					}
				}
				for i := range d.tags {
					if bad[i] != e.Quality() {
						t.Errorf("%v for %v: tag %d is %v meanwhile", e, lasts, i, bad[i])
					}
				}
				d.wantNeighbour()
				d.sent = nil
				d.pass(15 * time.Second)
				for i := range d.tags {
					q := d.of(1, i)
					first := slices.Index(q, mapping.Good)
					if first < 0 || first > 5 || slices.ContainsFunc(q[first:], mapping.Quality.IsBad) || len(q) < 14 {
						t.Errorf("%v for %v: tag %d afterwards: %v, want Good within 5 s", e, lasts, i, q)
					}
				}
				said := d.logs.String()
				if n := strings.Count(said, "level=WARN"); n != 1 || strings.Count(said, "level=INFO") > 3 {
					t.Errorf("%v for %v: want one warning, nobody offline, and one word of the return:\n%s", e, lasts, said)
				}
			})
		}
	}
}

// One register that is refused after it was read is not the unit, whichever is asked as the witness.
func TestRegisterRefusedLaterIsNotTheUnit(t *testing.T) {
	for bad := range 4 {
		p := planOf(Limits{}, words(0, 1, 2, 100)...)
		u := newUnit()
		wantBad(t, u.poll(t, p), mapping.Good)
		u.refuse = illegal(IllegalDataAddress, []int{0, 1, 2, 100}[bad])
		for range 3 { // it may have been the witness itself
			u.now = u.now.Add(time.Second)
			u.poll(t, p)
		}
		wantBad(t, u.poll(t, p), mapping.BadConfigurationError, bad)
		if len(u.asked) > 3 || u.refused > 0 {
			t.Errorf("register refused: %v, %d of them refused, want it left out", u.asked, u.refused)
		}
		u.now = u.now.Add(firstPause)
		if wantBad(t, u.poll(t, p), mapping.BadConfigurationError, bad); u.refused != 1 {
			t.Errorf("when due: %v, want the register tried alone", u.asked)
		}
	}
}

// A unit that refuses everything and dies then is offline: no answer is not one.
func TestUnitThatRefusesEverythingDies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newOdd(t, "silent", nil, odd{tags: span(0, 20)})
		d.run()
		d.pass(5 * time.Second)
		d.t.refuse = func(request) Exception { return DeviceFailure }
		d.pass(20 * time.Second)
		d.t.odd = func(request) bool { return true }
		d.pass(30 * time.Second)
		if q := d.of(1, 0); q[len(q)-1] != mapping.BadTimeout || !strings.Contains(d.logs.String(), "device offline") {
			t.Errorf("the last quality is %v:\n%s", q[len(q)-1], d.logs)
		}
		d.wantNeighbour()
		d.t.odd, d.t.refuse = nil, nil
		d.pass(time.Minute)
		if q := d.of(1, 0); q[len(q)-1] != mapping.Good {
			t.Errorf("the last quality is %v after it returned", q[len(q)-1])
		}
	})
}
