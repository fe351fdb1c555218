package mapping

import "math/bits"

// wide is an unsigned integer of 384 bits, the least significant word first: room for two numbers of 39 digits whose
// places are as far apart as matters, without the heap.
type wide [6]uint64

// mul multiplies w by v; what overflows is lost.
func (w *wide) mul(v uint64) {
	var carry uint64
	for i := range w {
		hi, lo := bits.Mul64(w[i], v)
		lo, c := bits.Add64(lo, carry, 0)
		w[i], carry = lo, hi+c
	}
}

func (w *wide) mulPow10(n int) {
	for ; n > 19; n -= 19 {
		w.mul(pow10Uint[19])
	}
	w.mul(pow10Uint[n])
}

// div divides w by v and returns the rest.
func (w *wide) div(v uint64) (rest uint64) {
	for i := len(w) - 1; i >= 0; i-- {
		w[i], rest = bits.Div64(rest, w[i], v)
	}
	return rest
}

// divPow10 divides w by 10^n and reports whether there was a rest.
func (w *wide) divPow10(n int) (rest bool) {
	for ; n > 19; n -= 19 {
		rest = w.div(pow10Uint[19]) != 0 || rest
	}
	return w.div(pow10Uint[n]) != 0 || rest
}

func (w *wide) add(v *wide) {
	var carry uint64
	for i := range w {
		w[i], carry = bits.Add64(w[i], v[i], carry)
	}
}

// sub makes w = |w − v| and reports whether v was the greater.
func (w *wide) sub(v *wide) (negative bool) {
	var borrow uint64
	for i := range w {
		w[i], borrow = bits.Sub64(w[i], v[i], borrow)
	}
	if borrow == 0 {
		return false
	}
	carry := uint64(1)
	for i := range w {
		w[i], carry = bits.Add64(^w[i], 0, carry)
	}
	return true
}

func (w *wide) isZero() bool { return *w == wide{} }

// atLeastDigits is the number of decimal digits of w, or one less.
func (w *wide) atLeastDigits() int {
	for i := len(w) - 1; i >= 0; i-- {
		if w[i] != 0 {
			return (64*i+bits.Len64(w[i])-1)*1233>>12 + 1
		}
	}
	return 1
}

// exact is value for any operands; exp is that of a × raw.
func (f *formula) exact(negative bool, mant uint64, exp int) float64 {
	var x, y wide
	x[1], x[0] = bits.Mul64(f.a, mant)
	y[1], y[0] = f.bHi, f.bLo
	n, negative, e := sumWide(term{x, negative != f.aNeg, exp}, term{y, f.bNeg, int(f.bExp)})
	if n.isZero() {
		return 0
	}
	up := max(0, 38-n.atLeastDigits()) // so that at least 18 digits are left after the division by at most 20
	n.mulPow10(up)
	sticky := n.div(f.d) != 0
	drop := max(0, n.atLeastDigits()-18) // at most 19 digits stay
	sticky = n.divPow10(drop) || sticky
	return round15(negative, n[0], sticky, e-up+drop)
}

// term is ±m × 10^exp.
type term struct {
	m        wide // at most 39 digits
	negative bool
	exp      int
}

// sumWide adds two terms. One so much smaller that it cannot reach the 36th digit of the other is added as a
// 1 behind those digits: all that rounding needs to know of it.
func sumWide(x, y term) (sum wide, negative bool, exp int) {
	switch {
	case y.m.isZero():
		return x.m, x.negative, x.exp
	case x.m.isZero():
		return y.m, y.negative, y.exp
	case x.exp < y.exp:
		x, y = y, x
	}
	const room = 113 // digits of a wide
	if diff := x.exp - y.exp; diff+x.m.atLeastDigits()+1 <= room {
		x.m.mulPow10(diff)
		x.exp = y.exp
	} else {
		up := max(1, 36-x.m.atLeastDigits())
		x.m.mulPow10(up)
		x.exp -= up
		y.m = wide{1}
	}
	if x.negative == y.negative {
		x.m.add(&y.m)
		return x.m, x.negative, x.exp
	}
	flipped := x.m.sub(&y.m)
	return x.m, x.negative != flipped, x.exp
}
