package journal

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// A set of numbers, as an index has one of groups for each block, is a bitmap where that is the shorter, and else how far
// each is from the one before. Its first byte says which.
const (
	setBits  = 0
	setSteps = 1
)

// appendSet appends the set of numbers, which are ascending.
func appendSet(dst []byte, numbers []int) []byte {
	at := len(dst)
	dst = append(dst, setSteps)
	last := -1
	for _, n := range numbers {
		dst = binary.AppendUvarint(dst, uint64(n-last-1))
		last = n
	}
	size := (last + 8) / 8 // of the bitmap
	if len(dst)-at-1 <= size {
		return dst
	}
	dst = append(append(dst[:at], setBits), make([]byte, size)...)
	for _, n := range numbers {
		dst[at+1+n/8] |= 1 << (n % 8)
	}
	return dst
}

// setHas reports whether a set has any number that is wanted.
func setHas(set []byte, wanted []bool) bool {
	found := false
	eachOf(set, len(wanted), func(n int) bool { found = wanted[n]; return !found })
	return found
}

// eachOf calls do with the numbers of a set until it returns false. It reports whether the set is one of numbers below most.
func eachOf(set []byte, most int, do func(n int) bool) bool {
	if len(set) == 0 {
		return false
	}
	form, set := set[0], set[1:]
	switch form {
	case setBits:
		for i, b := range set {
			for ; b != 0; b &= b - 1 {
				n := 8*i + bits.TrailingZeros8(b)
				if n >= most {
					return false
				}
				if !do(n) {
					return true
				}
			}
		}
		return true
	case setSteps:
		for at := 0; len(set) > 0; {
			step, size := binary.Uvarint(set)
			if size <= 0 || step >= uint64(most-at) {
				return false
			}
			at += int(step)
			if !do(at) {
				return true
			}
			at, set = at+1, set[size:]
		}
		return true
	}
	return false
}

// numberSet gathers numbers.
type numberSet struct {
	has  []bool
	list []int
}

func (s *numberSet) add(n int) {
	for n >= len(s.has) {
		s.has = append(s.has, false)
	}
	if !s.has[n] {
		s.has[n] = true
		s.list = append(s.list, n)
	}
}

// take is the set of what was gathered, and begins anew.
func (s *numberSet) take() []byte {
	slices.Sort(s.list)
	set := appendSet(nil, s.list)
	for _, n := range s.list {
		s.has[n] = false
	}
	s.list = s.list[:0]
	return set
}
