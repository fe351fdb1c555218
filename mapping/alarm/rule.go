package alarm

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"strconv"
	"time"
)

// Rule is what a tag is judged by. It does not change once made, and may be shared.
type Rule struct {
	// Limits are by Level, that of None unused; NaN: there is none.
	Limits [NumLevels]float64
	// Binary: there is an alarm while the value is not 0, or with Inverted while it is, and no limits.
	Binary, Inverted bool
	// OnDelay and OffDelay are how long a value has to be beyond a limit, and back again.
	OnDelay, OffDelay time.Duration
	// Grace is how often the tag is read: a value is known to have been what it was until so long before another one.
	Grace time.Duration

	back [NumLevels]float64 // a value beyond these is back
	used uint8              // bits of the levels that there are
}

// NewRule completes r: a value is back when it is further than deadband, at least 0, from the limit.
func NewRule(r Rule, deadband float64) Rule {
	if r.Binary {
		for l := range r.Limits {
			r.Limits[l] = math.NaN()
		}
		r.used = 1 << Lo
		return r
	}
	r.used = 0
	for l := Lo; l < NumLevels; l++ {
		switch limit := r.Limits[l]; {
		case math.IsNaN(limit):
		case l.up():
			r.back[l] = clean(limit - deadband)
			r.used |= 1 << l
		default:
			r.back[l] = clean(limit + deadband)
			r.used |= 1 << l
		}
	}
	return r
}

// clean is v as decimals have it: 80 - 0.1 is 79.9.
func clean(v float64) float64 {
	short, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 15, 64), 64)
	if err != nil {
		return v
	}
	return short
}

// beyond reports a value that is at the limit of l, or beyond it.
func (r *Rule) beyond(l Level, v float64) bool {
	switch {
	case r.Binary:
		return (v != 0) != r.Inverted
	case l.up():
		return v >= r.Limits[l]
	}
	return v <= r.Limits[l]
}

// isBack reports a value that is back from the limit of l.
func (r *Rule) isBack(l Level, v float64) bool {
	switch {
	case r.Binary:
		return !r.beyond(l, v)
	case l.up():
		return v < r.back[l]
	}
	return v > r.back[l]
}

// changing are the levels that v would raise or end, of which active are raised.
func (r *Rule) changing(active uint8, v float64) (bits uint8) {
	for l := Lo; l < NumLevels; l++ {
		bit := uint8(1) << l
		switch {
		case r.used&bit == 0:
		case active&bit == 0 && r.beyond(l, v), active&bit != 0 && r.isBack(l, v):
			bits |= bit
		}
	}
	return bits
}

// Limit is that of l; false where l has none, as that of a tag which is true or false.
func (r *Rule) Limit(l Level) (float64, bool) {
	if r.Binary || l == None || l >= NumLevels || r.used&(1<<l) == 0 {
		return 0, false
	}
	return r.Limits[l], true
}

// Identity is equal for rules with the same limits: delays may differ.
func (r *Rule) Identity() uint64 {
	h := fnv.New64a()
	flags := uint64(r.used)
	if r.Binary {
		flags |= 1 << 8
	}
	if r.Inverted {
		flags |= 1 << 9
	}
	numbers := []uint64{flags}
	for l := Lo; l < NumLevels; l++ {
		if r.used&(1<<l) != 0 {
			numbers = append(numbers, math.Float64bits(r.Limits[l]), math.Float64bits(r.back[l]))
		}
	}
	var b [8]byte
	for _, n := range numbers {
		binary.BigEndian.PutUint64(b[:], n)
		h.Write(b[:])
	}
	return h.Sum64()
}
