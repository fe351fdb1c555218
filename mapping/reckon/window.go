package reckon

import (
	"encoding/binary"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/window"
)

// after is for how long a value that comes when it changes holds at most when nothing is known of the tag.
const after = int64(time.Minute)

// Window is the Machine of a window: each gives its result at its end.
type Window struct {
	w     window.Window
	start bool  // results have the time of the start
	hold  int64 // for how long a value holds after which none came; 0: until the next
	grace int64 // how long after its end a window waits
	until int64 // up to here the present value holds; 0: until the next

	results []window.Result
}

// NewWindow makes the machine of a tag that has no total.
func NewWindow(o *mapping.Reckoned) *Window {
	return &Window{
		w: window.Window{Function: o.Aggregate, Span: o.Span}, start: o.AtStart, hold: int64(o.Hold), grace: int64(o.Grace),
	}
}

// sampleOf is v as package window has it.
func sampleOf(v Value) window.Sample {
	s := window.Sample{Time: v.Time, Value: v.Number}
	switch {
	case v.Quality.IsBad():
		s.Severity = window.Bad
	case v.Quality.IsUncertain():
		s.Severity = window.Uncertain
	}
	return s
}

// Put implements Machine.
func (m *Window) Put(v Value, out *Out) {
	if v.Quality.Base() == mapping.BadWaitingForInitialData {
		return // as long as not all inputs were read there is nothing to reckon
	}
	m.lapse(v.Time, out)
	m.results = m.w.Put(m.results[:0], sampleOf(v))
	m.give(out)
	if now := &m.w.State.Now; now.Time == v.Time { // else it came late
		m.until = 0
		if m.hold > 0 && now.Severity != window.Bad {
			m.until = v.Time + m.hold
		}
	}
}

// lapse has the present value end where it held for too long by the time at.
func (m *Window) lapse(at int64, out *Out) {
	if m.until == 0 || at <= m.until {
		return
	}
	m.results = m.w.Put(m.results[:0], window.Sample{Time: m.until, Severity: window.Bad})
	m.until = 0
	m.give(out)
}

// give gives the results; nil: they are known.
func (m *Window) give(out *Out) {
	if out == nil {
		return
	}
	for i := range m.results {
		r := &m.results[i]
		v := Value{Time: r.End, Number: r.Value}
		if m.start {
			v.Time = r.Start
		}
		switch r.Severity {
		case window.Bad:
			v.Number, v.Quality = 0, mapping.BadNoData
		case window.Uncertain:
			v.Quality = uncertain
		}
		out.Give(v)
	}
}

// uncertain is the quality of what is made of values that are not all good.
const uncertain mapping.Quality = 0x40A40000 // UncertainDataSubNormal

// Due implements Machine.
func (m *Window) Due() int64 {
	end, open := m.w.Due()
	if !open {
		return 0
	}
	return end + m.grace
}

// Tick implements Machine.
func (m *Window) Tick(now int64, out *Out) {
	for due := m.Due(); due != 0 && due <= now; due = m.Due() {
		m.close(due-m.grace, out)
		if length := m.w.State.End - m.w.State.Start; due < now-mostAtOnce*length {
			m.close(now-m.grace, nil) // what was not seen for longer had no windows
		}
	}
}

// mostAtOnce is how many windows the clock ends one by one.
const mostAtOnce = 1000

// close ends the windows up to end.
func (m *Window) close(end int64, out *Out) {
	m.lapse(end, out)
	m.results = m.w.Close(m.results[:0], end)
	m.give(out)
}

// Met implements Machine.
func (m *Window) Met(v Value, _ *Out) {
	end := v.Time
	if m.start {
		_, end = m.w.Span.Bounds(v.Time)
	}
	if open, any := m.w.Due(); any && end >= open {
		m.close(end, nil)
	}
}

// Away implements Machine.
func (m *Window) Away(at int64) {
	if s := &m.w.State; m.until == 0 && s.Any && s.Now.Severity != window.Bad {
		m.until = max(at, s.Now.Time) + after
	}
}

// AppendState implements Machine.
func (m *Window) AppendState(dst []byte) []byte {
	return m.w.AppendState(binary.LittleEndian.AppendUint64(append(dst, 1), uint64(m.until)))
}

// ParseState implements Machine.
func (m *Window) ParseState(b []byte) error {
	if len(b) < 9 || b[0] != 1 {
		return errState
	}
	if err := m.w.ParseState(b[9:]); err != nil {
		return err
	}
	m.until = int64(binary.LittleEndian.Uint64(b[1:]))
	return nil
}
