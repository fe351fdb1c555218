package plc

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"tagbridge/mapping"
)

// usual is what values of a unit usually are, where the map gives no range.
var usual = map[string][2]float64{
	"°C": {18, 85}, "°F": {65, 185}, "K": {290, 360},
	"bar": {0.8, 9.5}, "mbar": {900, 1100}, "kPa": {95, 450}, "Pa": {0, 5000}, "MPa": {0.1, 1.2}, "psi": {15, 140},
	"%": {5, 95}, "%RH": {30, 70}, "ppm": {380, 1200}, "pH": {6.2, 8.1},
	"V": {224, 236}, "kV": {9.8, 10.4}, "A": {2, 48}, "mA": {4, 20}, "Hz": {49.95, 50.05},
	"W": {100, 2400}, "kW": {5, 95}, "MW": {0.5, 12}, "kVA": {5, 98}, "kvar": {-8, 30}, "var": {-200, 900},
	"rpm": {300, 2950}, "1/min": {300, 2950}, "m/s": {0.2, 4}, "mm/s": {0.3, 6},
	"m³/h": {5, 120}, "m3/h": {5, 120}, "l/min": {4, 80}, "l/h": {100, 2000}, "kg/h": {50, 900}, "t/h": {0.5, 12},
	"mm": {1, 900}, "m": {0.4, 9}, "kg": {10, 950}, "t": {0.5, 28}, "N": {5, 900}, "kN": {0.5, 60}, "Nm": {2, 240},
	"s": {0, 59}, "min": {0, 59}, "lx": {120, 900}, "cosφ": {0.82, 0.99},
}

// counted are units of what adds up.
var counted = []string{"Wh", "kWh", "MWh", "kvarh", "kVAh", "m³", "m3", "l", "pcs", "h", "Stk"}

// counters are parts of names of what adds up.
var counters = []string{"count", "total", "energy", "hours", "pieces", "produced", "uptime"}

// signalOf chooses how the value of t moves, in engineering units as far as its map tells, and converts it to raw
// units.
func signalOf(t *mapping.Tag, seed uint64, o *UnitOptions) signal {
	s := signal{seed: seed, period: 40 + float64(seed>>32%200)}
	switch {
	case t.Type == mapping.TypeDatetime:
		s.shape = ticking
		return s
	case t.Type.IsText():
		s.shape, s.texts, s.period = texts, textsOf(t, seed), 30
		return s
	case typeOf(t) == mapping.TypeBool:
		s.shape, s.values, s.period = steps, []float64{0, 1}, 5+float64(seed>>32%40)
		return s
	case len(t.Enum) > 0:
		s.shape, s.period = steps, 8+float64(seed>>32%20)
		for _, e := range t.Enum {
			s.values = append(s.values, float64(e.Value))
		}
		return s
	}
	lo, hi := rawRange(t)
	s.lo, s.hi, s.whole = lo, hi, !isFloat(typeOf(t))
	if !o.AllDigits {
		s.grain = grain(hi - lo)
	}
	switch {
	case o.Noisy:
		s.shape = noise
	case counts(t):
		s.shape, s.grain, s.rate = climb, 0, 0.5+unit(seed)
		if !s.whole {
			s.rate /= 50
		}
	}
	return s
}

// rawRange is the range that values of t move in, in raw units: the part of its engineering range, else of min to max,
// else of what its unit usually is, that its type can hold.
func rawRange(t *mapping.Tag) (lo, hi float64) {
	lo, hi = engineering(t)
	lo, hi = unscale(&t.Scaling, lo), unscale(&t.Scaling, hi)
	if lo > hi {
		lo, hi = hi, lo
	}
	least, most := rangeOf(t)
	if t.Address.Part == mapping.HiByte || t.Address.Part == mapping.LoByte {
		most = min(most, 255)
	}
	lo, hi = max(lo, least), min(hi, most)
	if !isFloat(typeOf(t)) {
		lo, hi = math.Ceil(lo), math.Floor(hi)
	}
	switch {
	case lo < hi:
	case t.Min.Set || t.Max.Set || t.Scaling.EngMin != t.Scaling.EngMax:
		lo = max(least, min(lo, most)) // nothing of it can be held, or one number only
		hi = lo
	default:
		lo, hi = least, most
	}
	return lo, hi
}

// engineering is the range of t in its own unit.
func engineering(t *mapping.Tag) (lo, hi float64) {
	s := &t.Scaling
	switch {
	case s.Kind == mapping.FromRange, s.EngMin != s.EngMax:
		lo, hi = approx(s.EngMin), approx(s.EngMax)
	case t.Min.Set && t.Max.Set:
		lo, hi = approx(t.Min.Decimal), approx(t.Max.Decimal)
	case counts(t):
		_, most := rangeOf(t)
		return 0, rescale(s, min(most, 1<<31))
	default:
		lo, hi = 0, 100
		if r, ok := usual[t.Unit]; ok {
			lo, hi = r[0], r[1]
		}
	}
	if t.Min.Set {
		lo = max(lo, approx(t.Min.Decimal))
	}
	if t.Max.Set {
		hi = min(hi, approx(t.Max.Decimal))
	}
	return lo, hi
}

// unscale is the raw value of an engineering one.
func unscale(s *mapping.Scaling, v float64) float64 {
	switch s.Kind {
	case mapping.Linear:
		return (v - approx(s.Offset)) / approx(s.Scale)
	case mapping.FromRange:
		share := (v - approx(s.EngMin)) / (approx(s.EngMax) - approx(s.EngMin))
		return approx(s.RawMin) + share*(approx(s.RawMax)-approx(s.RawMin))
	}
	return v
}

// rescale is the inverse of unscale.
func rescale(s *mapping.Scaling, raw float64) float64 {
	switch s.Kind {
	case mapping.Linear:
		return raw*approx(s.Scale) + approx(s.Offset)
	case mapping.FromRange:
		share := (raw - approx(s.RawMin)) / (approx(s.RawMax) - approx(s.RawMin))
		return approx(s.EngMin) + share*(approx(s.EngMax)-approx(s.EngMin))
	}
	return raw
}

// counts reports tags whose value only goes up.
func counts(t *mapping.Tag) bool {
	if slices.Contains(counted, t.Unit) {
		return true
	}
	name := strings.ToLower(t.Name)
	return t.Unit == "" && slices.ContainsFunc(counters, func(c string) bool { return strings.Contains(name, c) })
}

// grain cuts a span into 1,000 to 10,000 steps, each a power of ten and at most 1: what an instrument would show.
func grain(span float64) float64 {
	if span <= 0 {
		return 0
	}
	return math.Pow(10, max(0, 3-math.Floor(math.Log10(span))))
}

// textsOf is a few texts that fit into t.
func textsOf(t *mapping.Tag, seed uint64) []string {
	out := make([]string, 5)
	for i := range out {
		number := (seed + uint64(i)*7919) % 100000
		out[i] = fmt.Sprintf("%c-%05d", 'A'+byte(seed>>40%26), number)
		out[i] = out[i][max(0, len(out[i])-t.Length):]
	}
	return out
}
