package modbus

import "encoding/binary"

// rtuOverhead is what an RTU frame has besides function and data: unit(1) and CRC(2) (serial line V1.02, 2.5.1).
const rtuOverhead = 3

// rtu is the framing of bytes: unit(1) function(1) data CRC(2, low byte first). Where a frame ends is known from what
// was asked; where it begins is found by trying, as adapters put noise before it when the line changes direction.
type rtu struct{}

func (rtu) appendRequest(dst []byte, r request) []byte {
	start := len(dst)
	dst = append(dst, r.unit, r.function)
	dst = binary.BigEndian.AppendUint16(dst, r.address)
	dst = binary.BigEndian.AppendUint16(dst, r.count)
	return binary.LittleEndian.AppendUint16(dst, crc(dst[start:]))
}

// parse finds the first frame in b that answers r, whatever stands before it. The data is a part of b; an Exception is
// its error. rest is how many bytes follow the frame; ok is false when there is none.
func (rtu) parse(r request, b []byte) (a answer, ok bool) {
	size := r.size()
	for i := 0; i+2+rtuOverhead <= len(b); i++ {
		f := b[i:]
		switch {
		case f[0] != r.unit:
		case f[1] == r.function && int(f[2]) == size && rtuWhole(f, 2+size+rtuOverhead):
			return answer{data: f[3:][:size], end: i + 2 + size + rtuOverhead}, true
		case f[1] == r.function|0x80 && rtuWhole(f, 2+rtuOverhead):
			return answer{err: Exception(f[2]), end: i + 2 + rtuOverhead}, true
		}
	}
	return answer{}, false
}

// rtuWhole reports that f begins with n bytes whose last two are the check of those before them.
func rtuWhole(f []byte, n int) bool {
	return len(f) >= n && binary.LittleEndian.Uint16(f[n-2:]) == crc(f[:n-2])
}

func (rtu) requestChars() int { return 5 + rtuOverhead }

func (rtu) answerChars(r request) int { return 2 + r.size() + rtuOverhead }
