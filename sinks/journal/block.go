package journal

import "encoding/binary"

// idSet is a set of groups by their identity, which are as good as random: to ask costs next to nothing.
type idSet struct {
	slots []uint64 // a power of two, at least half of them 0
	n     int
	zero  bool // 0 is in it
}

func (s *idSet) add(id uint64) {
	switch {
	case id == 0:
		s.zero = true
		return
	case s.has(id):
		return
	case 2*(s.n+1) > len(s.slots):
		old := s.slots
		s.slots, s.n = make([]uint64, max(16, 2*len(old))), 0
		for _, id := range old {
			if id != 0 {
				s.put(id)
			}
		}
	}
	s.put(id)
}

func (s *idSet) put(id uint64) {
	i := id & uint64(len(s.slots)-1)
	for s.slots[i] != 0 {
		i = (i + 1) & uint64(len(s.slots)-1)
	}
	s.slots[i] = id
	s.n++
}

func (s *idSet) has(id uint64) bool {
	if id == 0 || len(s.slots) == 0 {
		return id == 0 && s.zero
	}
	for i := id & uint64(len(s.slots)-1); ; i = (i + 1) & uint64(len(s.slots)-1) {
		switch s.slots[i] {
		case id:
			return true
		case 0:
			return false
		}
	}
}

// eachOfBlock calls take with the records of samples in b, a block, whose groups are wanted. It looks no further at those of
// others than that each goes on where the one before ended. It reports false where that is not so, when there is one of
// neither, or when what it is to give take is not intact: then the block is to be read with more care, and anew.
func eachOfBlock(b []byte, wanted, others *idSet, take func(rec found) error) (samples uint64, whole bool, err error) {
	next := uint64(0)
	for off := 0; off < len(b); {
		rest := b[off:]
		if len(rest) < headerSize || rest[0] != magic {
			return samples, false, nil
		}
		h := peek(rest)
		if h.size > len(rest)-headerSize || off > 0 && uint64(h.pos) != next {
			return samples, false, nil
		}
		next = uint64(h.end())
		off += headerSize + h.size
		samples += uint64(h.samples)
		if h.typ != typeSamples || h.size < sampleHead {
			if _, err := parseHeader(rest); err != nil || h.samples > 0 {
				return samples, false, nil
			}
			continue
		}
		if id := binary.LittleEndian.Uint64(rest[headerSize:]); !wanted.has(id) {
			if others.has(id) {
				continue
			}
			return samples, false, nil
		}
		if h, err = parseHeader(rest); err != nil {
			return samples, false, nil
		}
		payload, err := h.payload(rest)
		if err != nil {
			return samples, false, nil
		}
		if err := take(found{header: h, payload: payload}); err != nil {
			return samples, false, err
		}
	}
	return samples, true, nil
}
