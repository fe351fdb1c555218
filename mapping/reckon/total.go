package reckon

import (
	"encoding/binary"
	"fmt"
	"strconv"

	"tagbridge/mapping"
	"tagbridge/mapping/window"
)

// Total is the Machine of a tag that is added up for ever. It gives its value with the first value of each period, and with
// each at which its quality becomes another one.
type Total struct {
	kind   mapping.Total
	limits window.Limits
	held   bool  // values hold until the next one
	hold   int64 // what is further apart is not known in between; 0: nothing is
	every  int64 // the period; 0: with each value
	grace  int64

	counter window.Counter
	area    window.Integral
	kept    totalState
}

// totalState is what is kept beside the sum.
type totalState struct {
	Sent     int64 // the time of the newest value that was given; 0: none
	Quality  uint32
	Until    int64 // up to here the present value holds; 0: until the next
	Resets   uint64
	Replaced uint64
	Rolled   uint64
	Late     uint64 // values that came too late to be counted
	Glitches uint64 // readings that were none of the counter's
	Gaps     uint64 // times in which nothing was known, and nothing is added for
}

// NewTotal makes the machine of a tag with that total, which gives its value every so many nanoseconds; 0: with each value.
func NewTotal(o *mapping.Reckoned, every int64) *Total {
	return &Total{
		kind: o.Total, limits: window.Limits{Range: o.Range, Least: o.Least}, held: o.Held, hold: int64(o.Hold), every: every, grace: int64(o.Grace),
	}
}

// Put implements Machine.
func (m *Total) Put(v Value, out *Out) {
	if v.Quality.Base() == mapping.BadWaitingForInitialData {
		return
	}
	q := mapping.Good
	switch {
	case v.Quality.IsBad():
		q = mapping.UncertainLastUsableValue
	case v.Quality.IsUncertain():
		q = uncertain
	}
	late := m.kept.Late
	if m.kind == mapping.CounterTotal {
		m.count(v, out)
	} else if gap := m.integrate(v); gap && q == mapping.Good {
		q = uncertain
	}
	if m.kept.Late != late {
		return
	}
	if m.any() && (m.crosses(v.Time) || q != mapping.Quality(m.kept.Quality)) {
		m.give(v.Time, m.value(), q, out)
	}
}

// any reports that there was a value to begin with.
func (m *Total) any() bool {
	return m.counter.Any || m.area.Any
}

// value is the total.
func (m *Total) value() float64 {
	if m.kind == mapping.CounterTotal {
		return m.counter.Total.Value()
	}
	return m.area.Total.Value()
}

// crosses reports that at is in a period in which the total was not given yet.
func (m *Total) crosses(at int64) bool {
	return m.kept.Sent == 0 || m.every <= 0 || at > m.kept.Sent && at/m.every != m.kept.Sent/m.every || m.before(at)
}

// before reports that at is so long before the newest value that was given that the clock was set back.
func (m *Total) before(at int64) bool { return at < m.kept.Sent-m.every-ahead }

func (m *Total) give(at int64, v float64, q mapping.Quality, out *Out) {
	m.kept.Sent, m.kept.Quality = at, uint32(q)
	out.Give(Value{Time: at, Number: v, Quality: q})
}

// count takes the reading of a counter, in the order in which they came: a clock that is set back changes nothing.
func (m *Total) count(v Value, out *Out) {
	if v.Quality.IsBad() {
		return
	}
	last, dip := m.counter.Last, m.counter.Dip
	switch m.counter.Put(v.Number, m.limits) {
	case window.Rolled:
		m.kept.Rolled++
	case window.Reset:
		m.kept.Resets++
		out.Say(v.Time, fmt.Sprintf("the counter began anew: after %s came %s, of which all is counted", show(last), show(dip)))
	case window.Replaced:
		m.kept.Replaced++
		out.Say(v.Time, fmt.Sprintf("the counter is another one: after %s came %s, of which nothing is counted", show(last), show(dip)))
	case window.Glitch:
		m.kept.Glitches++
	}
}

func show(v float64) string { return strconv.FormatFloat(v, 'g', 15, 64) }

// integrate takes a value, and reports that nothing was added for what lies before it.
func (m *Total) integrate(v Value) (gap bool) {
	m.lapse(v.Time)
	s := sampleOf(v)
	gap = m.area.Broken && s.Severity != window.Bad && s.Time-m.area.Last.Time > m.hold
	if !m.area.Put(s, !m.held, m.hold) {
		m.kept.Late++
		return false
	}
	if gap {
		m.kept.Gaps++
	}
	if m.kept.Until = 0; m.hold > 0 && s.Severity != window.Bad {
		m.kept.Until = s.Time + m.hold
	}
	return gap
}

// lapse has the present value end where it held for too long by the time at. On the line between two values that are too far
// apart is none.
func (m *Total) lapse(at int64) {
	if m.kept.Until == 0 || at <= m.kept.Until {
		return
	}
	end := m.kept.Until
	if !m.held {
		end = m.area.Last.Time
	}
	m.area.Put(window.Sample{Time: end, Severity: window.Bad}, !m.held, m.hold)
	m.kept.Until = 0
}

// Due implements Machine: what a value that holds adds is seen at each full period.
func (m *Total) Due() int64 {
	if m.kind != mapping.TimeTotal || !m.held || m.every <= 0 || !m.area.Any || m.area.Broken {
		return 0
	}
	return (max(m.kept.Sent, m.area.Last.Time)/m.every+1)*m.every + m.grace
}

// Tick implements Machine: it adds nothing, but shows what is to be added.
func (m *Total) Tick(now int64, out *Out) {
	due := m.Due()
	if due == 0 || due > now {
		return
	}
	at := (now - m.grace) / m.every * m.every
	if m.kept.Until != 0 && at > m.kept.Until {
		return // how long it holds is not known
	}
	next := m.area
	next.Put(window.Sample{Time: at, Value: next.Last.Value}, false, 0)
	m.give(at, next.Total.Value(), mapping.Quality(m.kept.Quality), out)
}

// Met implements Machine.
func (m *Total) Met(v Value, _ *Out) {
	if v.Time > m.kept.Sent || m.before(v.Time) {
		m.kept.Sent = v.Time
	}
}

// Away implements Machine.
func (m *Total) Away(at int64) {
	if m.held && m.kept.Until == 0 && m.area.Any {
		m.kept.Until = max(at, m.area.Last.Time) + after
	}
}

// AppendState implements Machine.
func (m *Total) AppendState(dst []byte) []byte {
	dst = append(dst, 1)
	for _, v := range [...]uint64{
		uint64(m.kept.Sent), uint64(m.kept.Quality), uint64(m.kept.Until), m.kept.Resets, m.kept.Replaced, m.kept.Rolled, m.kept.Late, m.kept.Glitches, m.kept.Gaps,
	} {
		dst = binary.LittleEndian.AppendUint64(dst, v)
	}
	if m.kind == mapping.CounterTotal {
		return m.counter.AppendState(dst)
	}
	return m.area.AppendState(dst)
}

// ParseState implements Machine.
func (m *Total) ParseState(b []byte) error {
	p := parser{b: b}
	if p.byte() != 1 {
		return errState
	}
	var n [9]uint64
	for i := range n {
		n[i] = p.u64()
	}
	if p.failed {
		return errState
	}
	var err error
	if m.kind == mapping.CounterTotal {
		err = m.counter.ParseState(p.b)
	} else {
		err = m.area.ParseState(p.b)
	}
	if err == nil {
		m.kept = totalState{int64(n[0]), uint32(n[1]), int64(n[2]), n[3], n[4], n[5], n[6], n[7], n[8]}
	}
	return err
}
