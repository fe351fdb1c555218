package modbus

import (
	"testing"

	"tagbridge/mapping"
)

// There are devices that answer exception 1 to an address that they do not have. That is not taken for a function that
// they do not have before another address has had the same answer.
func TestIllegalFunctionOfOneAddressAtFirst(t *testing.T) {
	for _, bad := range []int{0, 100, 300} {
		p := planOf(Limits{}, words(0, 100, 200, 300)...)
		u := newUnit()
		u.refuse = illegal(IllegalFunction, bad)
		wantBad(t, u.poll(t, p), mapping.BadNotSupported, bad/100)
		wantBad(t, u.poll(t, p), mapping.BadNotSupported, bad/100)
		if len(u.changes) != 1 || u.changes[0].tag == nil {
			t.Errorf("register %d: changes %v, want the one tag refused", bad, u.changes)
		}
	}
}

// The same within one block, whose first and last registers are those that are there.
func TestIllegalFunctionWithinABlock(t *testing.T) {
	p := planOf(Limits{MaxGap: 16}, words(10, 20, 30)...)
	u := newUnit()
	u.refuse = illegal(IllegalFunction, 20)
	wantBad(t, u.poll(t, p), mapping.BadNotSupported, 1)
	wantBad(t, u.poll(t, p), mapping.BadNotSupported, 1)
}

// A table is tried by another of its tags each time, and comes back whole.
func TestIllegalFunctionIsTriedElsewhere(t *testing.T) {
	p := planOf(Limits{}, words(0, 100, 200, 300)...)
	u := newUnit()
	u.refuse = func(request) Exception { return IllegalFunction } // it is starting
	wantBad(t, u.poll(t, p), mapping.BadNotSupported, 0, 1, 2, 3)
	u.refuse = illegal(IllegalFunction, 0, 100)
	for range 4 {
		u.now = u.now.Add(lastPause)
		u.poll(t, p)
	}
	wantBad(t, u.poll(t, p), mapping.BadNotSupported, 0, 1)
}
