package reckon

import (
	"encoding/binary"
	"errors"
	"math"

	"tagbridge/mapping"
	"tagbridge/mapping/alarm"
)

// Alarm is the Machine of a tag's alarm: it gives the level when that, or the quality, has become another one.
type Alarm struct {
	rule alarm.Rule
	st   alarm.State
	// own: samples have the time of the bridge's clock, which can be set.
	own   bool
	fresh bool           // the next value gives the level, whatever has changed
	outs  []alarm.Output // scratch

	base   int64 // time of the last value
	wall   int64 // when Tick was called last since then; 0: it was not
	passed int64 // how much time it has seen pass since then
	ticks  bool  // it was called in this run
}

// NewAlarm makes the machine of a tag that is judged by r. own: its samples have the time of the bridge's clock.
func NewAlarm(r alarm.Rule, own bool) *Alarm { return &Alarm{rule: r, own: own} }

// What the clock may do: from one Tick to the next no more time passes than that, else it was set or the process stood still; so
// much counts instead. Between two values there may be so much more than what was seen to pass.
const (
	mostTick = int64(5e9)
	usually  = int64(25e7)
	leeway   = int64(2e9)
)

// Put implements Machine.
func (m *Alarm) Put(v Value, out *Out) {
	if v.Quality.Base() == mapping.BadWaitingForInitialData {
		return
	}
	most := int64(math.MaxInt64)
	if m.own && m.ticks {
		most = m.passed + leeway + int64(m.rule.Grace)*3/2
	}
	m.outs = m.st.Put(m.outs[:0], &m.rule, alarm.Sample{Time: v.Time, Value: v.Number, Quality: uint32(v.Quality)}, most)
	if m.fresh && len(m.outs) == 0 {
		value, _ := m.st.Value()
		m.outs = append(m.outs, alarm.Output{
			Time: v.Time, Level: m.st.Level(), Before: m.st.Level(), Quality: m.st.Quality(), Value: value, Since: m.st.Since(), Changed: m.st.Changed(),
		})
	}
	m.fresh = false
	m.base, m.wall, m.passed = v.Time, 0, 0
	m.give(out)
}

func (m *Alarm) give(out *Out) {
	out.tell(m.outs)
	for _, o := range m.outs {
		v := Value{Time: o.Time, Number: float64(o.Level), Quality: mapping.Quality(o.Quality)}
		if v.Quality.IsBad() {
			v.Number = 0
		}
		out.Give(v)
	}
}

// Tick implements Machine. What the clock says is not compared with the times of samples, which may be those of another one: only
// how much of it passes counts.
func (m *Alarm) Tick(now int64, out *Out) {
	m.ticks = true
	if m.wall == 0 {
		m.wall = now
		return
	}
	d := now - m.wall
	if m.wall = now; d < 0 || d > mostTick {
		d = usually
	}
	m.passed += d
	m.outs = m.st.Tick(m.outs[:0], &m.rule, m.base+m.passed)
	m.give(out)
}

// Due implements Machine: as long as a delay is under way, all the time.
func (m *Alarm) Due() int64 {
	if _, ok := m.st.Due(&m.rule); ok {
		return 1
	}
	return 0
}

// Met implements Machine. What came of it is told: the run that gave it may have been killed before it was.
func (m *Alarm) Met(v Value, out *Out) {
	if !v.Quality.IsBad() && v.Number >= 0 && v.Number < float64(alarm.NumLevels) {
		m.outs = m.st.Meet(m.outs[:0], &m.rule, v.Time, alarm.Level(v.Number))
		out.tell(m.outs)
	}
}

// Away implements Machine.
func (m *Alarm) Away(int64) { m.st.Away() }

// Fresh has the next value give the level, as the first of a run.
func (m *Alarm) Fresh() { m.fresh = true }

// Present is the state of the alarm.
func (m *Alarm) Present() *alarm.State { return &m.st }

// The binary form, version 1: version(1) identity of the rule(8, big endian), then that of the state.
const alarmVersion = 1

var errAlarm = errors.New("no state of an alarm")

// AppendState implements Machine.
func (m *Alarm) AppendState(dst []byte) []byte {
	dst = binary.BigEndian.AppendUint64(append(dst, alarmVersion), m.rule.Identity())
	return m.st.Append(dst)
}

// ParseState implements Machine. Under other limits than those of b, the state is judged anew.
func (m *Alarm) ParseState(b []byte) error {
	if len(b) < 9 || b[0] != alarmVersion {
		return errAlarm
	}
	st, err := alarm.Parse(b[9:])
	if err != nil {
		return err
	}
	if m.st = st; binary.BigEndian.Uint64(b[1:]) != m.rule.Identity() {
		m.st.Rejudge(&m.rule)
	}
	m.base, m.wall, m.passed = m.st.At(), 0, 0
	return nil
}
