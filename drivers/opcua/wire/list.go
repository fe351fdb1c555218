package wire

import "unsafe"

// maxDecoded bounds the memory that the arrays of one message are made into. What is on the wire in a few bytes takes
// many in memory: a node id has two there and 32 here.
const maxDecoded = 32 << 20

// list is an empty array with room for the one that is announced next, and its length; its elements have at least size
// bytes each on the wire.
func list[T any](r *Reader, size int) ([]T, int) {
	n := r.Count(size)
	if n == 0 {
		return nil, 0
	}
	var one T
	if r.decoded += int64(n) * int64(unsafe.Sizeof(one)); r.decoded > maxDecoded {
		r.fail(&Fault{BadEncodingLimitsExceeded, "arrays of too many elements for one answer"})
		return nil, 0
	}
	return make([]T, 0, n), n
}
