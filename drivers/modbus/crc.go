package modbus

// crcTable is the remainder of each byte by the polynomial 0xA001 (serial line V1.02, 6.2.2).
var crcTable = func() (t [256]uint16) {
	for i := range t {
		v := uint16(i)
		for range 8 {
			if v&1 != 0 {
				v = v>>1 ^ 0xA001
			} else {
				v >>= 1
			}
		}
		t[i] = v
	}
	return t
}()

// crc is the check of an RTU frame, which is sent low byte first.
func crc(b []byte) uint16 {
	v := uint16(0xFFFF)
	for _, c := range b {
		v = v>>8 ^ crcTable[byte(v)^c]
	}
	return v
}

// lrc is the check of an ASCII frame: the sum of its bytes, negated (serial line V1.02, 6.2.1).
func lrc(b []byte) byte {
	var sum byte
	for _, c := range b {
		sum += c
	}
	return -sum
}
