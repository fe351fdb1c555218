package mapping

import (
	"math"
	"testing"
)

// nearestHalf is the float16 nearest to v, which is not negative, by search among all of them; on a tie the even one.
func nearestHalf(v float64) uint16 {
	low, high := 0, 0x7BFF
	for low < high {
		mid := (low + high + 1) / 2
		if w, _ := half(uint16(mid)); w <= v {
			low = mid
		} else {
			high = mid - 1
		}
	}
	w, gap := half(uint16(low))
	if off := v - w; off > gap/2 || off == gap/2 && low&1 == 1 {
		low++
	}
	return uint16(low)
}

// Every float16 reads back from its decimal, and no decimal with one digit less does, but for whole numbers.
func TestShortest16(t *testing.T) {
	for h := range uint16(0x7C00) {
		m, e := shortest16(h)
		if got := nearestHalf(decimalFloat(m, e)); got != h {
			t.Fatalf("float16 %#04x is %d e%d, which is %#04x", h, m, e, got)
		}
		if e == 0 {
			continue
		}
		shorter := decimalFloat(int64(math.RoundToEven(float64(m)/10)), e+1)
		if nearestHalf(shorter) == h {
			t.Fatalf("float16 %#04x is %d e%d, but %v would do", h, m, e, shorter)
		}
		if n, f := shortest16(h | 0x8000); n != -m || f != e {
			t.Fatalf("float16 %#04x is %d e%d, its negative %d e%d", h, m, e, n, f)
		}
	}
}
