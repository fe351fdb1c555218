package mapping

import (
	"cmp"
	"math"
	"math/bits"
)

// limits are the ends of the engineering range at which values are held, and those of the plausible range, in the
// units of each kind of value: mantissas for Dec. Ends that are not set are those of the type.
type limits struct {
	ints    ends[int64]
	uints   ends[uint64]
	singles ends[float32]
	doubles ends[float64]
}

type ends[T cmp.Ordered] struct{ low, high, min, max T }

// apply holds v in the range and judges what comes of it. A value that is held and still implausible is uncertain:
// the doubt outweighs.
func (e *ends[T]) apply(v T) (T, Quality) {
	q := Good
	switch {
	case v < e.low:
		v, q = e.low, GoodClamped
	case v > e.high:
		v, q = e.high, GoodClamped
	}
	if v < e.min || v > e.max {
		q = UncertainUnitsExceeded
	}
	return v, q
}

// compileLimits is nil for a tag without any, and for one whose values are no numbers.
func compileLimits(t *Tag, c *Codec) *limits {
	var low, high Bound
	if t.Clamp&ClampLow != 0 {
		low = Bound{Decimal: t.Scaling.EngMin, Set: true}
	}
	if t.Clamp&ClampHigh != 0 {
		high = Bound{Decimal: t.Scaling.EngMax, Set: true}
	}
	if !low.Set && !high.Set && !t.Min.Set && !t.Max.Set {
		return nil
	}
	if c.form == formBool || c.form.isText() {
		return nil
	}
	exp := int(c.exp)
	l := &limits{
		ints:    ends[int64]{intEnd(low, exp, -1), intEnd(high, exp, +1), intEnd(t.Min, exp, -1), intEnd(t.Max, exp, +1)},
		uints:   ends[uint64]{uintEnd(low, -1), uintEnd(high, +1), uintEnd(t.Min, -1), uintEnd(t.Max, +1)},
		singles: ends[float32]{singleEnd(low, -1), singleEnd(high, +1), singleEnd(t.Min, -1), singleEnd(t.Max, +1)},
		doubles: ends[float64]{doubleEnd(low, -1), doubleEnd(high, +1), doubleEnd(t.Min, -1), doubleEnd(t.Max, +1)},
	}
	if first, last, ok := rawRange(t); ok && t.Scaling.Kind == Unscaled { // a held value keeps its type
		l.ints.low = max(first, min(last, l.ints.low))
		l.ints.high = max(first, min(last, l.ints.high))
	}
	return l
}

// intEnd is the last integer multiple of 10^exp that is not beyond b: side -1 is a lower end, +1 an upper one.
func intEnd(b Bound, exp, side int) int64 {
	switch {
	case !b.Set && side < 0:
		return math.MinInt64
	case !b.Set:
		return math.MaxInt64
	}
	m := roundMagnitude(b.Decimal, exp, (b.Mant < 0) != (side < 0))
	if b.Mant < 0 {
		return -int64(min(m, math.MaxInt64))
	}
	return int64(min(m, math.MaxInt64))
}

func uintEnd(b Bound, side int) uint64 {
	switch {
	case !b.Set && side > 0:
		return math.MaxUint64
	case !b.Set || b.Mant < 0:
		return 0
	}
	return roundMagnitude(b.Decimal, 0, side < 0)
}

// roundMagnitude is |d| ÷ 10^exp, rounded away from zero or towards it, at most the greatest uint64.
func roundMagnitude(d Decimal, exp int, away bool) uint64 {
	m, rest := magnitude(d.Mant), false
	for n := int(d.Exp) - exp; n > 0 && m != 0; n-- {
		hi, lo := bits.Mul64(m, 10)
		if hi != 0 {
			return math.MaxUint64
		}
		m = lo
	}
	for n := exp - int(d.Exp); n > 0 && (m != 0 || rest); n-- {
		rest = rest || m%10 != 0
		m /= 10
		if m == 0 {
			break
		}
	}
	if rest && away {
		m++
	}
	return m
}

// singleEnd is the float32 that b is written as: the one whose shortest decimal is compared.
func singleEnd(b Bound, side int) float32 {
	if !b.Set {
		return float32(math.Inf(side))
	}
	return max(-math.MaxFloat32, min(math.MaxFloat32, b.float32()))
}

func doubleEnd(b Bound, side int) float64 {
	if !b.Set {
		return math.Inf(side)
	}
	return max(-math.MaxFloat64, min(math.MaxFloat64, b.Float64()))
}
