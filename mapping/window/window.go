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
	Start, End int64 // of the open window; equal: there was no sample yet
	At         int64 // up to here time is reckoned
	Now        Sample
	Any        bool    // Now is a sample: without, nothing holds
	Held       Sample  // the one that held before Start
	HasHeld    bool    // Held has a value
	Known      float64 // the last value, which bad ones do not change
	HasKnown   bool

	Count            int64
	Sum              Exact
	First, Last      float64
	Apart, Squares   Exact // of the differences from First: their sum, and that of their squares
	Low, High        float64
	Ranged           bool  // Low and High are set
	Area             Exact // value × units of time
	GoodTime, Unsure int64 // nanoseconds with a value; Unsure: of these, with an uncertain one
	On               int64 // nanoseconds in which the value was not 0
	Changes          int64

	Late   uint64 // samples that came too late, since ever
	Back   int64  // the last of those that came too late one after the other
	Behind uint8  // how many there were
}

// unit makes of nanoseconds what Area is reckoned in: a power of two, so that nothing is lost, near a second, so that
// nothing overflows.
const unit = 0x1p-30

// Window reckons one function over one window after the other. The zero value of its State is a new one. It is used by
// one goroutine.
type Window struct {
	Function Function
	Span     Span
	State    State
}

// maxLate is how many samples come too late before the clock is taken to have been set back: each older than what is
// reckoned, and newer than the one before.
const maxLate = 10

// Put takes a sample, whose time closes all windows that end before or at it: their results are appended to dst.
//
// Of samples with one time each counts, and the last holds; one that is the same in all is one that came twice. A sample
// that is older than the last is late: it changes nothing, except that one which comes only after its window has been closed
// holds in the next. After ten late samples in order the clock was set back, and time goes on from there.
func (w *Window) Put(dst []Result, s Sample) []Result {
	st := &w.State
	if math.IsNaN(s.Value) || math.IsInf(s.Value, 0) {
		s.Severity = Bad
	}
	if s.Severity == Bad {
		s.Value = 0
	}
	if s.Time < -far || s.Time > far {
		st.Late++
		return dst
	}
	if st.Start == st.End {
		st.Start, st.End = w.Span.Bounds(s.Time)
		st.At = st.Start
	}
	if st.Any && s == st.Now || s.Time < st.At && !w.late(s) {
		return dst
	}
	st.Behind = 0
	dst = w.Close(dst, s.Time)
	w.pass(s.Time)
	if s.Severity != Bad {
		w.count(s)
	}
	st.Now, st.Any = s, true
	return dst
}

// late is told of a sample before what is reckoned, and whether it is to be taken all the same.
func (w *Window) late(s Sample) bool {
	st := &w.State
	st.Late++
	if !st.Any || s.Time >= st.Now.Time { // of the window that was closed before it came
		st.Now, st.Any, st.Behind = s, true, 0
		st.Held, st.HasHeld = s, s.Severity != Bad
		if st.HasHeld {
			st.Known, st.HasKnown = s.Value, true
		}
		return false
	}
	if st.Behind > 0 && s.Time <= st.Back {
		st.Behind = 0
	}
	st.Back = s.Time
	if st.Behind++; st.Behind < maxLate {
		return false
	}
	if s.Time < st.Start {
		w.State = State{Known: st.Known, HasKnown: st.HasKnown, Late: st.Late}
		st.Start, st.End = w.Span.Bounds(s.Time)
	}
	st.At, st.Any = s.Time, false
	return true
}

// maxClosed is how many windows one call closes one by one. Of more, those that follow have no results: they are of a time
// in which nothing was seen.
const maxClosed = 1000

// Close ends the windows that end before or at now, and appends their results to dst.
func (w *Window) Close(dst []Result, now int64) []Result {
	st := &w.State
	now = min(now, far)
	for n := 0; st.End != st.Start && now >= st.End; n++ {
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

// Due is when the open window ends, and whether there is one.
func (w *Window) Due() (end int64, open bool) { return w.State.End, w.State.End != w.State.Start }

// renew begins the window from Start to End: what holds goes on.
func (w *Window) renew() {
	st := &w.State
	next := State{
		Start: st.Start, End: st.End, At: st.Start, Now: st.Now, Any: st.Any, Known: st.Known, HasKnown: st.HasKnown,
		Late: st.Late, Back: st.Back, Behind: st.Behind,
	}
	if st.Any && st.Now.Severity != Bad {
		next.Held, next.HasHeld = st.Now, true
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
	st.Area.AddProduct(st.Now.Value, float64(d)*unit)
	st.rangeOver(st.Now.Value)
}

func (st *State) rangeOver(v float64) {
	if !st.Ranged {
		st.Low, st.High, st.Ranged = v, v, true
	}
	st.Low, st.High = min(st.Low, v), max(st.High, v)
}

// count takes over a value of the open window.
func (w *Window) count(s Sample) {
	st, v := &w.State, s.Value
	if st.HasKnown && (st.Known != 0) != (v != 0) {
		st.Changes++
	}
	st.Known, st.HasKnown = v, true
	if s.Severity == Uncertain {
		st.Unsure = max(st.Unsure, 1)
	}
	if st.Count == 0 {
		st.First = v
	}
	st.Count++
	st.Last = v
	st.Sum.Add(v)
	d := v - st.First
	st.Apart.Add(d)
	st.Squares.AddProduct(d, d)
	st.rangeOver(v)
}

// result is that of the open window, whose time is reckoned to its end.
func (w *Window) result() Result {
	st := &w.State
	length := st.End - st.Start
	good := min(st.GoodTime, length) // more when the clock was set back in it
	r := Result{Start: st.Start, End: st.End, BadShare: float64(length-good) / float64(length)}
	if w.Function == PercentGood {
		r.Value = 100 * float64(good) / float64(length)
		return r
	}
	v, ok := w.value()
	if !ok || good == 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		r.Severity = Bad
		return r
	}
	if r.Value = v; good < length || st.Unsure > 0 {
		r.Severity = Uncertain
	}
	return r
}

// value is what the function gives; false when it needs a value that there is not. Where samples are needed and none came,
// it is that of the value which held.
func (w *Window) value() (v float64, ok bool) {
	st := &w.State
	n := float64(st.Count)
	sampled := st.Count > 0
	switch w.Function {
	case Average:
		if sampled {
			return min(max(st.Sum.Value()/n, st.Low), st.High), true
		}
		return st.Held.Value, st.HasHeld
	case TimeAverage:
		v = st.Area.Value() / (float64(max(st.GoodTime, 1)) * unit)
		return min(max(v, st.Low), st.High), st.GoodTime > 0
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
		if sampled {
			return st.First, true
		}
		return st.Held.Value, st.HasHeld
	case Last:
		if sampled {
			return st.Last, true
		}
		return st.Held.Value, st.HasHeld
	case Sum:
		return st.Sum.Value(), sampled || st.HasHeld
	case StdDev:
		return st.deviation(), sampled || st.HasHeld
	case TimeInState:
		return float64(st.On) / 1e9, true
	}
	return float64(st.Changes), true
}

// deviation is the standard deviation over n - 1. As First is one of the samples, what the difference loses is bounded by
// how many they are, however far they are from 0.
func (st *State) deviation() float64 {
	if st.Count < 2 {
		return 0
	}
	n, sum := float64(st.Count), st.Apart
	mean := sum.High / n
	rest := (math.FMA(-mean, n, sum.High) + sum.Low) / n
	v := st.Squares
	v.AddProduct(-sum.High, mean)
	v.Add(-sum.High * rest)
	v.Add(-sum.Low * mean)
	return math.Sqrt(max(v.Value(), 0) / (n - 1))
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
