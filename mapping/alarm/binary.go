package alarm

import (
	"encoding/binary"
	"errors"
	"math"
)

// The binary form of a state, version 1:
//
//	version(1) flags(1) quality(uvarint)
//	and where the flag whole is set
//	level(1) active(1) running(1) at(varint) value(8, big endian) since(varint) changed(varint)
//	elapsed(uvarint), for each bit of running from the lowest on
//
// An alarm at rest, as nearly all are nearly always, needs three bytes, and they stay the same.
const stateVersion = 1

// MaxBinary is how long the binary form is at most.
const MaxBinary = 3 + 4 + 3 + 3*binary.MaxVarintLen64 + 8 + int(NumLevels)*binary.MaxVarintLen64

const (
	flagAny byte = 1 << iota
	flagHolds
	flagWhole
	flagValued
)

// allLevels are the bits of the levels that can be raised.
const allLevels = highs | lows

var errState = errors.New("no state of an alarm")

// Append appends the binary form of st to dst.
func (st *State) Append(dst []byte) []byte {
	flags := byte(0)
	if st.any {
		flags |= flagAny
	}
	whole := st.active|st.running != 0 || st.level != None
	if !whole {
		dst = append(dst, stateVersion, flags)
		return binary.AppendUvarint(dst, uint64(st.quality))
	}
	flags |= flagWhole
	if st.holds {
		flags |= flagHolds
	}
	if st.valued {
		flags |= flagValued
	}
	dst = append(dst, stateVersion, flags)
	dst = binary.AppendUvarint(dst, uint64(st.quality))
	dst = append(dst, byte(st.level), st.active, st.running)
	dst = binary.AppendVarint(dst, st.at)
	dst = binary.BigEndian.AppendUint64(dst, math.Float64bits(st.value))
	dst = binary.AppendVarint(dst, st.since)
	dst = binary.AppendVarint(dst, st.changed)
	for l := Lo; l < NumLevels; l++ {
		if st.running&(1<<l) != 0 {
			dst = binary.AppendUvarint(dst, uint64(st.elapsed[l]))
		}
	}
	return dst
}

// Parse reads the whole of b, which Append wrote. Anything else is an error.
func Parse(b []byte) (State, error) {
	var st State
	if len(b) < 2 || b[0] != stateVersion || b[1]&^(flagAny|flagHolds|flagWhole|flagValued) != 0 {
		return st, errState
	}
	p := reader{b: b[2:]}
	flags := b[1]
	quality := p.uvarint()
	st.any, st.holds, st.valued = flags&flagAny != 0, flags&flagHolds != 0, flags&flagValued != 0
	st.quality = uint32(quality)
	bad := quality > math.MaxUint32
	if flags&flagWhole != 0 {
		st.level, st.active, st.running = Level(p.byte()), p.byte(), p.byte()
		st.at = p.varint()
		st.value = math.Float64frombits(p.uint64())
		st.since, st.changed = p.varint(), p.varint()
		bad = bad || st.level >= NumLevels || (st.active|st.running)&^allLevels != 0 || st.value-st.value != 0
		for l := Lo; l < NumLevels; l++ {
			if st.running&(1<<l) == 0 {
				continue
			}
			e := p.uvarint()
			bad = bad || e > math.MaxInt64/2
			st.elapsed[l] = int64(e)
		}
	} else {
		bad = bad || flags&(flagHolds|flagValued) != 0
	}
	if bad || p.short || len(p.b) > 0 {
		return State{}, errState
	}
	return st, nil
}

// reader takes numbers from the front of b; short: it was not long enough.
type reader struct {
	b     []byte
	short bool
}

func (p *reader) take(n int) {
	if n <= 0 || n > len(p.b) {
		p.b, p.short = nil, true
		return
	}
	p.b = p.b[n:]
}

func (p *reader) byte() byte {
	if len(p.b) == 0 {
		p.short = true
		return 0
	}
	v := p.b[0]
	p.take(1)
	return v
}

func (p *reader) uint64() (v uint64) {
	if len(p.b) >= 8 {
		v = binary.BigEndian.Uint64(p.b)
	}
	p.take(8)
	return v
}

func (p *reader) uvarint() uint64 {
	v, n := binary.Uvarint(p.b)
	p.take(n)
	return v
}

func (p *reader) varint() int64 {
	v, n := binary.Varint(p.b)
	p.take(n)
	return v
}
