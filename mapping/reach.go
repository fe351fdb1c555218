package mapping

import (
	"math"
	"strconv"
)

// ValueRange is the least and the greatest value that t can have, by its type, its scaling and its clamp: infinite where they
// do not say.
func (t *Tag) ValueRange() (low, high float64) {
	low, high = math.Inf(-1), math.Inf(1)
	first, last, ok := rawRange(t)
	switch s := &t.Scaling; {
	case !ok || t.ScaleBy != 0:
	case s.Kind == Unscaled:
		low, high = float64(first), float64(last)
	case s.Kind == Linear:
		low, high = scaledEnds(first, last, s.Scale.Float64(), s.Offset.Float64())
	case s.Kind == FromRange:
		slope := (s.EngMax.Float64() - s.EngMin.Float64()) / (s.RawMax.Float64() - s.RawMin.Float64())
		low, high = scaledEnds(first, last, slope, s.EngMin.Float64()-slope*s.RawMin.Float64())
	}
	if t.Clamp&ClampLow != 0 {
		low = max(low, t.Scaling.EngMin.Float64())
	}
	if t.Clamp&ClampHigh != 0 {
		high = min(high, t.Scaling.EngMax.Float64())
	}
	return low, high
}

// scaledEnds are the ends of first to last, scaled, as decimals have them.
func scaledEnds(first, last int64, slope, offset float64) (low, high float64) {
	a, b := clean15(slope*float64(first)+offset), clean15(slope*float64(last)+offset)
	return min(a, b), max(a, b)
}

// clean15 is v with 15 digits.
func clean15(v float64) float64 {
	if short, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 15, 64), 64); err == nil {
		return short
	}
	return v
}
