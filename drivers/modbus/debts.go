package modbus

import (
	"slices"
	"time"
)

// An answer on a line does not say what it answers: only its unit, function and byte count do. A request that was given
// up is therefore a debt until its answer has come, or cannot come any more, because the unit has answered something
// else that was asked later: units answer in order.
type debt struct {
	request
	at time.Time // when it was asked
	// spoilt says that something was heard which was probably the answer: there is nothing to wait for, but it may have
	// been what was late or meant for another.
	spoilt bool
}

// debts are those of all units of a line, the oldest first.
type debts []debt

// What is older, or more, is forgotten.
const (
	debtAge  = 20 * time.Second
	mostDebt = 32
)

// sameShape reports requests whose answers look alike.
func sameShape(a, b request) bool {
	return a.unit == b.unit && a.function == b.function && a.size() == b.size()
}

// add notes that the answer to r may still come.
func (d *debts) add(r request, now time.Time, spoilt bool) {
	*d = slices.DeleteFunc(*d, func(x debt) bool { return now.Sub(x.at) > debtAge })
	if len(*d) == mostDebt {
		*d = slices.Delete(*d, 0, 1)
	}
	*d = append(*d, debt{request: r, at: now, spoilt: spoilt})
}

// confuse reports that an answer to an earlier request could be taken for one to r.
func (d debts) confuse(r request) bool {
	return slices.ContainsFunc(d, func(x debt) bool { return x.request != r && sameShape(x.request, r) })
}

// owes reports that an exception could be the answer to something else that r's unit was asked with r's function.
func (d debts) owes(r request) bool {
	return slices.ContainsFunc(d, func(x debt) bool {
		return x.request != r && x.unit == r.unit && x.function == r.function
	})
}

// youngest is when the unit was last asked what it has not even answered badly.
func (d debts) youngest(unit uint8) (at time.Time) {
	for _, x := range d {
		if x.unit == unit && !x.spoilt {
			at = x.at
		}
	}
	return at
}

// paid notes that r was answered. When r itself was asked in vain before, the answer may be the one to that, and
// another one follow.
func (d *debts) paid(r request) {
	if slices.ContainsFunc(*d, func(x debt) bool { return x.request == r }) {
		return
	}
	*d = slices.DeleteFunc(*d, func(x debt) bool { return x.unit == r.unit })
}

// refused notes that r's unit answered an exception: to r, or to whatever else it owes an answer to with r's function.
// It is the oldest of these that is not owed any more.
func (d *debts) refused(r request, now time.Time) {
	i := slices.IndexFunc(*d, func(x debt) bool { return x.unit == r.unit && x.function == r.function })
	if i < 0 {
		d.paid(r)
		return
	}
	*d = append(slices.Delete(*d, i, i+1), debt{request: r, at: now})
}

// marker is a part of r, or a request like it, whose answer looks like none that is owed, nor like
// that to next: once it has come, nothing older can.
func (d debts) marker(r, next request) (m request, ok bool) {
	m = r
	for n := 1; n <= len(d)+3; n++ {
		m.count = uint16(n)
		if isBits(r.function) {
			m.count = uint16(8*n - 7)
		}
		if int(m.address)+int(m.count) > lastAddress+1 {
			return m, false
		}
		if m != next && sameShape(m, next) {
			continue
		}
		if !slices.ContainsFunc(d, func(x debt) bool { return sameShape(x.request, m) }) {
			return m, true
		}
	}
	return m, false
}
