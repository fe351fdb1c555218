package window

import "math"

// Severity is how far a value can be trusted.
type Severity uint8

// The severities.
const (
	Good Severity = iota
	Uncertain
	Bad // there is no value
)

// Sample is one reading.
type Sample struct {
	Time     int64 // nanoseconds since 1970
	Value    float64
	Severity Severity
}

// Result is what a window gave.
type Result struct {
	Start, End int64
	Value      float64 // 0 when Bad
	// Severity is Bad when no time of the window had a value, or no sample that the function needs; Uncertain when a part of
	// it had none, or one that was uncertain.
	Severity Severity
	BadShare float64 // of the time, 0 to 1
}

// State is all that a window needs to go on, as it is kept over restarts.
type State struct {
	Start, End int64 // of the open window; End 0: there was no sample yet
	At         int64 // up to here time is reckoned
	Now        Sample
	Any        bool // Now is a sample: without, nothing holds
	Held       Sample
	HasHeld    bool // Held held at the start, with a value

	Count            int64
	Sum              Exact
	Mean, Squares    float64 // of Welford's
	Low, High        float64
	Ranged           bool // Low and High are set
	First, Last      float64
	Area             Exact // value × seconds
	GoodTime, Unsure int64 // nanoseconds with a value; Unsure: of these, with an uncertain one
	On               int64 // nanoseconds in which the value was not 0
	Changes          int64
	Late             uint64 // samples that came too late, since ever
}

// Window reckons one function over one window after the other. The zero value of its State is a new one. It is used by
// one goroutine.
type Window struct {
	Function Function
	Span     Span
	State    State
}

// Put takes a sample, whose time closes all windows that end before or at it: their results are appended to dst. One that
// is older than the last, or of the same time, is late: it is counted, and changes nothing.
func (w *Window) Put(dst []Result, s Sample) []Result {
	st := &w.State
	if math.IsNaN(s.Value) || math.IsInf(s.Value, 0) {
		s.Severity = Bad
	}
	if st.End == 0 {
		st.Start, st.End = w.Span.Bounds(s.Time)
		st.At = st.Start
	}
	if st.Any && s.Time <= st.Now.Time || s.Time < st.At {
		st.Late++
		return dst
	}
	dst = w.Close(dst, s.Time)
	w.pass(s.Time)
	if s.Severity != Bad {
		w.count(s.Value)
	}
	st.Now, st.Any = s, true
	return dst
}

// maxClosed is how many windows one call closes one by one: what was not seen for longer had no windows.
const maxClosed = 1000

// Close ends the windows that end before or at now, and appends their results to dst.
func (w *Window) Close(dst []Result, now int64) []Result {
	st := &w.State
	for n := 0; st.End != 0 && now >= st.End; n++ {
		if n == maxClosed {
			st.Start, st.End = w.Span.Bounds(now)
			w.renew()
			break
		}
		w.pass(st.End)
		dst = append(dst, w.result())
		st.Start, st.End = w.Span.Bounds(st.End)
		w.renew()
	}
	return dst
}

// renew begins the window from Start to End: what holds goes on.
func (w *Window) renew() {
	st := &w.State
	next := State{Start: st.Start, End: st.End, At: st.Start, Now: st.Now, Any: st.Any, Late: st.Late}
	if st.Any && st.Now.Severity != Bad {
		next.Held, next.HasHeld = st.Now, true
		next.Low, next.High, next.Ranged = st.Now.Value, st.Now.Value, true
	}
	w.State = next
}

// pass reckons the time up to now, in which the present value has held.
func (w *Window) pass(now int64) {
	st := &w.State
	d := now - st.At
	st.At = now
	if !st.Any || st.Now.Severity == Bad || d <= 0 {
		return
	}
	st.GoodTime += d
	if st.Now.Severity == Uncertain {
		st.Unsure += d
	}
	if st.Now.Value != 0 {
		st.On += d
	}
	st.Area.Add(st.Now.Value * (float64(d) / 1e9))
}

// count takes over a value of the open window.
func (w *Window) count(v float64) {
	st := &w.State
	if st.Any && st.Now.Severity != Bad && (st.Now.Value != 0) != (v != 0) {
		st.Changes++
	}
	if st.Count == 0 {
		st.First = v
	}
	st.Count++
	st.Last = v
	st.Sum.Add(v)
	d := v - st.Mean
	st.Mean += d / float64(st.Count)
	st.Squares += d * (v - st.Mean)
	if !st.Ranged {
		st.Low, st.High, st.Ranged = v, v, true
	}
	st.Low, st.High = min(st.Low, v), max(st.High, v)
}

// result is that of the open window, whose time is reckoned to its end.
func (w *Window) result() Result {
	st := &w.State
	length := st.End - st.Start
	r := Result{Start: st.Start, End: st.End, BadShare: float64(length-st.GoodTime) / float64(length)}
	v, ok := w.value()
	switch {
	case w.Function == PercentGood:
	case !ok || st.GoodTime == 0 && st.Count == 0:
		r.Severity = Bad
		return r
	case st.GoodTime < length || st.Unsure > 0:
		r.Severity = Uncertain
	}
	if r.Value = v; math.IsInf(v, 0) || math.IsNaN(v) {
		r.Value, r.Severity = 0, Bad
	}
	return r
}

// value is what the function gives; false when it needs a value that there is not.
func (w *Window) value() (v float64, ok bool) {
	st := &w.State
	n := float64(st.Count)
	switch w.Function {
	case Average:
		return st.Sum.Value() / max(n, 1), st.Count > 0
	case TimeAverage:
		return st.Area.Value() / (float64(max(st.GoodTime, 1)) / 1e9), st.GoodTime > 0
	case Minimum:
		return st.Low, st.Ranged
	case Maximum:
		return st.High, st.Ranged
	case Count:
		return n, true
	case Range:
		return st.High - st.Low, st.Ranged
	case Delta:
		return st.delta()
	case First:
		return st.First, st.Count > 0
	case Last:
		return st.Last, st.Count > 0
	case Sum:
		return st.Sum.Value(), st.Count > 0
	case StdDev:
		return math.Sqrt(max(st.Squares, 0) / max(n-1, 1)), st.Count > 0
	case PercentGood:
		return 100 * float64(st.GoodTime) / float64(st.End-st.Start), true
	case TimeInState:
		return float64(st.On) / 1e9, true
	}
	return float64(st.Changes), true
}

// delta is from the value that held at the start, else from the first one.
func (st *State) delta() (float64, bool) {
	switch {
	case st.Count == 0:
		return 0, st.HasHeld
	case st.HasHeld:
		return st.Last - st.Held.Value, true
	}
	return st.Last - st.First, true
}
