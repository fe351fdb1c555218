package window

import (
	"math"
	"math/big"
)

// The reference is a second reckoning of windows, slow and obvious: it keeps all that was put, cuts time into pieces at each
// sample and at each end of a window, asks of each piece which value held, and adds up with more digits than there can be.

// event is a sample as the reference has it: from when on it holds, and whether it is counted.
type event struct {
	Sample
	from    int64
	counted bool
}

type reference struct {
	length int64
	events []event
	closed int64 // windows up to here have been closed
	begun  bool
	start  int64 // of the first window
}

func (r *reference) put(s Sample) {
	if s.Severity == Bad {
		s.Value = 0
	}
	if !r.begun {
		r.begun, r.start = true, floor(s.Time, r.length)
		r.closed = r.start
	}
	last := int64(math.MinInt64)
	if n := len(r.events); n > 0 {
		if last = r.events[n-1].Time; r.events[n-1].Sample == s || s.Time < last {
			return
		}
	}
	r.closed = max(r.closed, floor(s.Time, r.length))
	r.events = append(r.events, event{s, max(s.Time, r.closed), s.Time >= r.closed})
}

func (r *reference) close(now int64) {
	if r.begun {
		r.closed = max(r.closed, floor(now, r.length))
	}
}

// digits are binary ones: enough for every sum of a stream and its products without rounding.
const digits = 640

func fraction(v float64) *big.Float { return new(big.Float).SetPrec(digits).SetFloat64(v) }

func whole(n int64) *big.Float { return new(big.Float).SetPrec(digits).SetInt64(n) }

// holding is what held in the instants from at up to the next event.
func (r *reference) holding(at int64) (v event, known bool) {
	for _, e := range r.events {
		if e.from <= at {
			v, known = e, e.Severity != Bad
		}
	}
	return v, known
}

// window is all that the window from start gives, by function, nil where there is no value.
func (r *reference) window(start int64) (values []*big.Float, severity Severity, badShare float64) {
	end := start + r.length
	cuts := []int64{start}
	for _, e := range r.events {
		if e.from > start && e.from < end {
			cuts = append(cuts, e.from)
		}
	}
	cuts = append(cuts, end)
	area, on, good, unsure := new(big.Float), int64(0), int64(0), false
	var low, high, held *big.Float
	extreme := func(v *big.Float) {
		if low == nil || v.Cmp(low) < 0 {
			low = v
		}
		if high == nil || v.Cmp(high) > 0 {
			high = v
		}
	}
	for i := 1; i < len(cuts); i++ {
		from, to := cuts[i-1], cuts[i]
		e, known := r.holding(from)
		if !known || to == from {
			continue
		}
		good += to - from
		unsure = unsure || e.Severity == Uncertain
		extreme(fraction(e.Value))
		area.Add(area, new(big.Float).Mul(fraction(e.Value), whole(to-from)))
		if e.Value != 0 {
			on += to - from
		}
	}
	sum, count, changes := new(big.Float), int64(0), int64(0)
	var all []*big.Float
	before, any := 0.0, false
	for _, e := range r.events {
		if e.Severity == Bad {
			if e.from < start || e.from == start && !e.counted {
				held = nil
			}
			continue
		}
		v := fraction(e.Value)
		switch {
		case e.counted && e.Time >= start && e.Time < end:
			count++
			sum.Add(sum, v)
			all = append(all, v)
			extreme(v)
			unsure = unsure || e.Severity == Uncertain
			if any && (before != 0) != (e.Value != 0) {
				changes++
			}
		case e.from < start || e.from == start && !e.counted:
			held = v
		}
		before, any = e.Value, true
	}
	values = make([]*big.Float, len(names))
	values[Count], values[Sum], values[StdDev], values[Transitions] = whole(count), sum, square(all), whole(changes)
	values[TimeInState] = new(big.Float).Quo(whole(on), whole(1e9))
	values[Average], values[First], values[Last] = held, held, held
	if count == 0 && held == nil {
		values[Sum], values[StdDev] = nil, nil
	}
	if held != nil {
		values[Delta] = new(big.Float)
	}
	if count > 0 {
		values[First], values[Last] = all[0], all[len(all)-1]
		values[Average] = new(big.Float).Quo(sum, whole(count))
		from := all[0]
		if held != nil {
			from = held
		}
		values[Delta] = new(big.Float).Sub(all[len(all)-1], from)
	}
	if good > 0 {
		values[TimeAverage] = area.Quo(area, whole(good))
	}
	if values[Minimum], values[Maximum] = low, high; low != nil {
		values[Range] = new(big.Float).Sub(high, low)
	}
	values[PercentGood] = new(big.Float).Quo(whole(good*100), whole(r.length))
	switch {
	case good == 0:
		severity = Bad
	case good < r.length || unsure:
		severity = Uncertain
	}
	return values, severity, float64(r.length-good) / float64(r.length)
}

// square is the variance over n - 1: of what StdDev is the root.
func square(all []*big.Float) *big.Float {
	n := int64(len(all))
	total := new(big.Float)
	if n < 2 {
		return total
	}
	mean := new(big.Float)
	for _, v := range all {
		mean.Add(mean, v)
	}
	mean.Quo(mean, whole(n))
	for _, v := range all {
		d := new(big.Float).Sub(v, mean)
		total.Add(total, d.Mul(d, d))
	}
	return total.Quo(total, whole(n-1))
}
