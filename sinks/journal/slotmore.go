package journal

import (
	"encoding/binary"
	"hash/crc32"

	"tagbridge/sinks"
)

// Behind the 36 bytes of a slot, in the same sector:
//
//	36  u16  length n of what follows, without the sum
//	38  u8   version, 1; later ones append only
//	39  u16  length of the sink's name, and the name
//	    u8   how many losses, and of each, 25 bytes: from u64, to u64, samples u64, reason u8 (128: given, not counted)
//	    u32  CRC-32C of the slot's sequence number and the n+2 bytes from 36 on
//
// The sum covers the sequence number, so that what an older program leaves there is not taken for its slot's.
const (
	moreVersion = 1
	moreHead    = 2 + 1 + 2
	moreLoss    = 25
	moreGiven   = 1 << 7
)

// appendMore appends to a slot, which begins at at, what there is beside its position. Losses that have no room are
// found again, and counted again, by who reads there.
func appendMore(dst []byte, at int, m mark) []byte {
	room := slotStride - slotSize - moreHead - len(m.sink) - 1 - 4
	if room < 0 {
		return dst
	}
	n := min(len(m.losses), room/moreLoss)
	from := len(dst)
	dst = binary.LittleEndian.AppendUint16(dst, uint16(moreHead-2+len(m.sink)+1+n*moreLoss))
	dst = append(dst, moreVersion)
	dst = binary.LittleEndian.AppendUint16(dst, uint16(len(m.sink)))
	dst = append(dst, m.sink...)
	dst = append(dst, byte(n))
	for _, l := range m.losses[:n] {
		dst = binary.LittleEndian.AppendUint64(dst, uint64(l.from))
		dst = binary.LittleEndian.AppendUint64(dst, uint64(l.to))
		dst = binary.LittleEndian.AppendUint64(dst, l.samples)
		why := byte(l.why)
		if l.given {
			why |= moreGiven
		}
		dst = append(dst, why)
	}
	return binary.LittleEndian.AppendUint32(dst, moreSum(dst[at:], dst[from:]))
}

func moreSum(slot, more []byte) uint32 {
	return crc32.Update(crc32.Checksum(slot[8:16], castagnoli), castagnoli, more)
}

// parseMore reads what appendMore wrote into slot; nothing when it is not there or not whole.
func parseMore(slot []byte) (sink string, losses []loss) {
	b := slot[slotSize:min(len(slot), slotStride)]
	if len(b) < moreHead+1+4 {
		return "", nil
	}
	n := 2 + int(binary.LittleEndian.Uint16(b))
	if n+4 > len(b) || n < moreHead+1 || b[2] != moreVersion || binary.LittleEndian.Uint32(b[n:]) != moreSum(slot, b[:n]) {
		return "", nil
	}
	name := int(binary.LittleEndian.Uint16(b[3:]))
	b = b[moreHead:n]
	if name+1 > len(b) {
		return "", nil
	}
	sink, b = string(b[:name]), b[name:]
	count := int(b[0])
	if b = b[1:]; count*moreLoss > len(b) {
		return sink, nil
	}
	at := sinks.Pos(binary.LittleEndian.Uint64(slot[16:]))
	for range count {
		l := loss{
			from: sinks.Pos(binary.LittleEndian.Uint64(b)), to: sinks.Pos(binary.LittleEndian.Uint64(b[8:])),
			samples: binary.LittleEndian.Uint64(b[16:]), why: Reason(b[24] &^ moreGiven), given: b[24]&moreGiven != 0,
		}
		b = b[moreLoss:]
		if l.from < at || l.to <= l.from || l.to > maxPos || int(l.why) >= len(ReasonNames) || l.samples > uint64(l.to-l.from) {
			return sink, nil // not what this program writes
		}
		losses, at = append(losses, l), l.to
	}
	return sink, losses
}
