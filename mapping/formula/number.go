package formula

import (
	"math"
	"math/bits"
	"strconv"
)

// number is a number under way: an integer, exactly, or a float.
type number struct {
	f     float64
	i     int64
	whole bool // it is i
}

func whole(i int64) number { return number{i: i, whole: true} }

func (n number) float() float64 {
	if n.whole {
		return float64(n.i)
	}
	return n.f
}

// finite is f as a number, unless there is none.
func (r *run) finite(f float64) number {
	switch {
	case f != f:
		r.fail(BadNoData, "the result is not a number")
		return number{}
	case f-f != 0:
		r.fail(BadNoData, "the result is too large for a number")
		return number{}
	}
	return number{f: f}
}

func (r *run) add(a, b number) number {
	if a.whole && b.whole {
		if s := a.i + b.i; (s > a.i) == (b.i > 0) {
			return whole(s)
		}
	}
	return r.finite(a.float() + b.float())
}

func (r *run) sub(a, b number) number {
	if a.whole && b.whole {
		if s := a.i - b.i; (s < a.i) == (b.i > 0) {
			return whole(s)
		}
	}
	return r.finite(a.float() - b.float())
}

func (r *run) mul(a, b number) number {
	if a.whole && b.whole {
		if p, ok := product(a.i, b.i); ok {
			return whole(p)
		}
	}
	return r.finite(a.float() * b.float())
}

// product is a × b where that fits.
func product(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	if hi != 0 || lo > math.MaxInt64 {
		return 0, false
	}
	if (a < 0) != (b < 0) {
		return -int64(lo), true
	}
	return int64(lo), true
}

func magnitude(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}

func (r *run) div(a, b number) number {
	switch {
	case b.float() == 0:
		r.fail(BadNoData, "division by zero")
		return number{}
	case a.whole && b.whole && b.i != -1 && a.i%b.i == 0:
		return whole(a.i / b.i)
	}
	return r.finite(a.float() / b.float())
}

// mod is what is left of a after division by b, with the sign of a.
func (r *run) mod(a, b number) number {
	switch {
	case b.float() == 0:
		r.fail(BadNoData, "division by zero")
		return number{}
	case a.whole && b.whole && b.i == -1:
		return whole(0)
	case a.whole && b.whole:
		return whole(a.i % b.i)
	}
	return r.finite(math.Mod(a.float(), b.float()))
}

func (r *run) pow(a, b number) number {
	if a.whole && b.whole && b.i >= 0 && b.i < 64 {
		p, ok := int64(1), true
		for k := int64(0); k < b.i && ok; k++ {
			p, ok = product(p, a.i)
		}
		if ok {
			return whole(p)
		}
	}
	if a.float() == 0 && b.float() < 0 {
		r.fail(BadNoData, "division by zero")
		return number{}
	}
	return r.finite(math.Pow(a.float(), b.float()))
}

func (r *run) neg(a number) number {
	if a.whole && a.i != math.MinInt64 {
		return whole(-a.i)
	}
	return number{f: -a.float()}
}

// compare is -1, 0 or +1 as a is less than, equal to or greater than b, both rounded to 15 digits, as they are sent.
func compare(a, b number) int {
	if a.whole && b.whole {
		switch {
		case a.i < b.i:
			return -1
		case a.i > b.i:
			return 1
		}
		return 0
	}
	x, y := a.float(), b.float()
	if d := math.Abs(x - y); d != 0 && d <= 1e-14*math.Abs(x) {
		x, y = round15(x), round15(y)
	}
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// integral applies a rounding to whole numbers, to the decimal that a is written as: floor of 0.7 × 10 + 0.1 × 10 is 8.
func integral(a number, to func(float64) float64) number {
	if a.whole {
		return a
	}
	f := to(round15(a.f))
	if math.Abs(f) < 1<<53 {
		return whole(int64(f))
	}
	return number{f: f}
}

// pow10 are the powers of ten that are floats exactly.
var pow10 = [...]float64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

// round15 is the float nearest to v rounded to 15 significant digits.
func round15(v float64) float64 {
	a := math.Abs(v)
	if a >= 1e-6 && a < 1e15 {
		exp2 := int(math.Float64bits(a)>>52) - 1023
		decimals := 14 - exp2*1233>>12 // 14 less the decimal exponent, or that of half the number
		if a*pow10[decimals] >= 1e15 {
			decimals--
		}
		x := a * pow10[decimals]
		m := math.Floor(x + 0.5)
		if off := math.Abs(x - m); off < 0.3 && m < 1e15 { // the product is not exact: near the half, it may mislead
			return math.Copysign(m/pow10[decimals], v)
		}
	}
	var buf [32]byte
	w, err := strconv.ParseFloat(string(strconv.AppendFloat(buf[:0], v, 'e', 14, 64)), 64)
	if err != nil { // the largest floats, rounded up, are none
		return v
	}
	return w
}
