package journal

import (
	"encoding/binary"
	"fmt"

	"tagbridge/mapping"
)

// The payload of a record of samples: the identity of their group (u64), the time they have in common (i64), then
// steps. A step begins with an unsigned varint, two bits of what it is and above them its argument n:
//
//	stepRun   n plain samples follow in the order of the group's series, one value each
//	stepSkip  the next series is so many further on (n is zigzag)
//	stepTime  the common time moves by the zigzag varint that follows (n is 0)
//	stepOdd   one sample spelled out: its kind, whether quality and flags are given (n), these, its value
//
// A sample is plain when it has the common time, quality Good, no flags and its series' own kind: in a poll of a
// healthy device all are, and cost their values alone. Each sample makes the next series the one behind its own.
const (
	stepRun = iota
	stepSkip
	stepTime
	stepOdd
)

// What a stepOdd gives, beside the kind in its four lowest bits.
const (
	oddKind    = 1<<4 - 1
	oddQuality = 1 << 4 // u32
	oddFlags   = 1 << 5 // u8
)

const sampleHead = 16 // group and common time

// appendSamples appends the payload for samples, which are of b.
func appendSamples(dst []byte, b *mapping.Batch, samples []mapping.Sample) ([]byte, error) {
	kinds := b.Group.Kinds()
	now, next := samples[0].Time, 0
	dst = binary.LittleEndian.AppendUint64(dst, b.Group.ID)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(now))
	for i := 0; i < len(samples); {
		s := &samples[i]
		index := int(s.Index)
		if index >= len(kinds) || s.Kind > mapping.Text {
			return dst, fmt.Errorf("append sample %d of kind %d to a group of %d series: no such thing", index, s.Kind, len(kinds))
		}
		if index != next {
			dst = binary.AppendUvarint(dst, zigzag(int64(index-next))<<2+stepSkip)
			next = index
		}
		if s.Time != now {
			dst = binary.AppendVarint(append(dst, stepTime), s.Time-now)
			now = s.Time
		}
		n := plain(samples[i:], kinds[next:], now)
		if n == 0 {
			dst = appendOdd(dst, b, s)
			n = 1
		} else {
			dst = binary.AppendUvarint(dst, uint64(n)<<2+stepRun)
			dst = appendValues(dst, b, samples[i:i+n])
		}
		i, next = i+n, next+n
	}
	return dst, nil
}

// plain is how many samples from the first on are plain, when the common time is now and kinds are those of the
// first one's series and the following.
func plain(samples []mapping.Sample, kinds []mapping.Kind, now int64) int {
	n := min(len(samples), len(kinds))
	first := samples[0].Index
	for i := range n {
		s := &samples[i]
		if s.Time != now || s.Kind != kinds[i] || s.Index != first+uint16(i) || s.Quality != mapping.Good || s.Flags != 0 {
			return i
		}
	}
	return n
}

func appendOdd(dst []byte, b *mapping.Batch, s *mapping.Sample) []byte {
	n := uint64(s.Kind)
	if s.Quality != mapping.Good {
		n |= oddQuality
	}
	if s.Flags != 0 {
		n |= oddFlags
	}
	dst = binary.AppendUvarint(dst, n<<2+stepOdd)
	if s.Quality != mapping.Good {
		dst = binary.LittleEndian.AppendUint32(dst, uint32(s.Quality))
	}
	if s.Flags != 0 {
		dst = append(dst, byte(s.Flags))
	}
	return appendValue(dst, b, s)
}

// groupID is the identity of the group of a payload of samples.
func groupID(payload []byte) (uint64, error) {
	if len(payload) < sampleHead {
		return 0, fmt.Errorf("samples of %d bytes: %w", len(payload), ErrCorrupt)
	}
	return binary.LittleEndian.Uint64(payload), nil
}

// commonTime is the time at the head of a payload of samples.
func commonTime(payload []byte) int64 { return int64(binary.LittleEndian.Uint64(payload[8:])) }
