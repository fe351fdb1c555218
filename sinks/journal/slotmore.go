package journal

import (
	"encoding/binary"
	"hash/crc32"
	"time"

	"tagbridge/sinks"
)

// Behind the 36 bytes of a slot, in the same sector:
//
//	36  u16  length n of what follows, without the sum
//	38  u8   version, 1; later ones append only
//	39  u16  length of the sink's name, and the name
//	    u8   how many losses, and of each, 25 bytes: from u64, to u64, samples u64, reason u8 (128: given, not counted)
//	40       since when the sink is there i64 ns, where it was then u64, delivered u64, rejected u64, of them rotated u64 and unwritable u64, and lost
//	         u64 and of that in no book u64, by reason; an earlier program leaves it out
//	         of the first of the losses, as many as there is room for, when they were read: first i64 ns, last i64; likewise
//	    u32  CRC-32C of the slot's sequence number and the n+2 bytes from 36 on
//
// The sum covers the sequence number, so that what an older program leaves there is not taken for its slot's.
const (
	moreVersion = 1
	moreHead    = 2 + 1 + 2
	moreLoss    = 25
	moreGiven   = 1 << 7
	moreEver    = 48 + 16*len(ReasonNames)
	moreRead    = 16
)

// appendMore appends to a slot, which begins at at, what there is beside its position. Losses that have no room are
// found again, and counted again, by who reads there.
func appendMore(dst []byte, at int, m mark) []byte {
	room := slotStride - slotSize - moreHead - len(m.sink) - 1 - moreEver - 4
	if room < 0 {
		return dst
	}
	n := min(len(m.losses), room/moreLoss)
	dated := min(n, (room-n*moreLoss)/moreRead) // those that the sink has been given are the first
	from := len(dst)
	dst = binary.LittleEndian.AppendUint16(dst, uint16(moreHead-2+len(m.sink)+1+n*moreLoss+moreEver+dated*moreRead))
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
	since, d := int64(0), m.ever.dealt
	if !m.ever.since.IsZero() {
		since = m.ever.since.UnixNano()
	}
	dst = binary.LittleEndian.AppendUint64(dst, uint64(since))
	for _, n := range [...]uint64{uint64(m.ever.start), d.Delivered, d.Rejected, d.Rotated, d.Unwritable} {
		dst = binary.LittleEndian.AppendUint64(dst, n)
	}
	for why, lost := range m.ever.lost {
		dst = binary.LittleEndian.AppendUint64(dst, lost.Samples)
		dst = binary.LittleEndian.AppendUint64(dst, m.ever.unplaced[why])
	}
	for _, l := range m.losses[:dated] {
		dst = binary.LittleEndian.AppendUint64(dst, uint64(l.first))
		dst = binary.LittleEndian.AppendUint64(dst, uint64(l.last))
	}
	return binary.LittleEndian.AppendUint32(dst, moreSum(dst[at:], dst[from:]))
}

func moreSum(slot, more []byte) uint32 {
	return crc32.Update(crc32.Checksum(slot[8:16], castagnoli), castagnoli, more)
}

// parseMore reads into m what appendMore wrote into slot; nothing when it is not there or not whole.
func parseMore(m *mark, slot []byte) {
	b := slot[slotSize:min(len(slot), slotStride)]
	if len(b) < moreHead+1+4 {
		return
	}
	n := 2 + int(binary.LittleEndian.Uint16(b))
	if n+4 > len(b) || n < moreHead+1 || b[2] != moreVersion || binary.LittleEndian.Uint32(b[n:]) != moreSum(slot, b[:n]) {
		return
	}
	name := int(binary.LittleEndian.Uint16(b[3:]))
	b = b[moreHead:n]
	if name+1 > len(b) {
		return
	}
	m.sink, b = string(b[:name]), b[name:]
	count := int(b[0])
	if b = b[1:]; count*moreLoss > len(b) {
		return
	}
	m.losses = parseLosses(b[:count*moreLoss], m.pos)
	if b = b[count*moreLoss:]; len(b) < moreEver {
		return
	}
	if since := int64(binary.LittleEndian.Uint64(b)); since != 0 {
		m.ever.since, m.ever.start = time.Unix(0, since), sinks.Pos(binary.LittleEndian.Uint64(b[8:]))
	}
	m.ever.dealt = sinks.Dealt{
		Delivered: binary.LittleEndian.Uint64(b[16:]), Rejected: binary.LittleEndian.Uint64(b[24:]),
		Rotated: binary.LittleEndian.Uint64(b[32:]), Unwritable: binary.LittleEndian.Uint64(b[40:]),
	}
	for why := range m.ever.lost {
		m.ever.lost[why].Samples = binary.LittleEndian.Uint64(b[48+16*why:])
		m.ever.unplaced[why] = binary.LittleEndian.Uint64(b[56+16*why:])
	}
	b = b[moreEver:]
	for i := 0; i < len(m.losses) && len(b) >= moreRead; i, b = i+1, b[moreRead:] {
		m.losses[i].first, m.losses[i].last = int64(binary.LittleEndian.Uint64(b)), int64(binary.LittleEndian.Uint64(b[8:]))
	}
}

// parseLosses reads losses that come after position at.
func parseLosses(b []byte, at sinks.Pos) (losses []loss) {
	for ; len(b) > 0; b = b[moreLoss:] {
		l := loss{
			from: sinks.Pos(binary.LittleEndian.Uint64(b)), to: sinks.Pos(binary.LittleEndian.Uint64(b[8:])),
			samples: binary.LittleEndian.Uint64(b[16:]), why: Reason(b[24] &^ moreGiven), given: b[24]&moreGiven != 0,
		}
		if l.from < at || l.to <= l.from || l.to > maxPos || int(l.why) >= len(ReasonNames) || l.samples > uint64(l.to-l.from) {
			return losses // not what this program writes
		}
		losses, at = append(losses, l), l.to
	}
	return losses
}
