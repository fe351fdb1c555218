package journal

import (
	"encoding/binary"
	"fmt"
	"slices"

	"tagbridge/mapping"
)

// parseSamples reads a payload of n samples of group g into b, which it resets. It does not look for damage that a
// checksum finds, but takes nothing that could not have been written.
func parseSamples(payload []byte, n int, g *mapping.Group, b *mapping.Batch) error {
	b.Reset(g)
	if len(payload) < sampleHead {
		return fmt.Errorf("samples of %d bytes: %w", len(payload), ErrCorrupt)
	}
	b.Samples = slices.Grow(b.Samples, n)
	p := parser{rest: payload[sampleHead:], kinds: g.Kinds(), now: commonTime(payload), b: b}
	for len(b.Samples) < n {
		if err := p.step(n - len(b.Samples)); err != nil {
			return err
		}
	}
	if len(p.rest) > 0 {
		return fmt.Errorf("%d bytes after the last sample: %w", len(p.rest), ErrCorrupt)
	}
	return nil
}

// parser is where in a payload parseSamples has come to.
type parser struct {
	rest  []byte
	kinds []mapping.Kind
	now   int64 // the common time
	next  int   // the next series
	b     *mapping.Batch
}

// step takes one step, of at most so many samples.
func (p *parser) step(most int) error {
	step, size := binary.Uvarint(p.rest)
	if size <= 0 {
		return fmt.Errorf("step of the samples: %w", ErrCorrupt)
	}
	p.rest = p.rest[size:]
	n := step >> 2
	switch step & 3 {
	case stepRun:
		if n == 0 || n > uint64(most) || n > uint64(len(p.kinds)-p.next) {
			return fmt.Errorf("run of %d samples: %w", n, ErrCorrupt)
		}
		return p.run(int(n))
	case stepSkip:
		to := int64(p.next) + unzigzag(n)
		if to < 0 || to >= int64(len(p.kinds)) {
			return fmt.Errorf("skip to series %d of %d: %w", to, len(p.kinds), ErrCorrupt)
		}
		p.next = int(to)
	case stepTime:
		by, size := binary.Varint(p.rest)
		if size <= 0 || n != 0 {
			return fmt.Errorf("time of the samples: %w", ErrCorrupt)
		}
		p.now, p.rest = p.now+by, p.rest[size:]
	case stepOdd:
		return p.odd(n)
	}
	return nil
}

// run reads the values of n plain samples.
func (p *parser) run(n int) error {
	from := len(p.b.Samples)
	p.b.Samples = p.b.Samples[:from+n]
	samples := p.b.Samples[from:]
	kinds := p.kinds[p.next : p.next+n]
	rest := p.rest
	for i := range samples {
		s := &samples[i]
		*s = mapping.Sample{Time: p.now, Index: uint16(p.next + i), Kind: kinds[i]}
		size := parseValue(rest, p.b, s)
		if size < 0 {
			return fmt.Errorf("value of series %d: %w", p.next+i, ErrCorrupt)
		}
		rest = rest[size:]
	}
	p.rest, p.next = rest, p.next+n
	return nil
}

// odd reads one sample that is spelled out.
func (p *parser) odd(n uint64) error {
	s := mapping.Sample{Time: p.now, Index: uint16(p.next), Kind: mapping.Kind(n & oddKind)}
	size := 0
	if n&oddQuality != 0 {
		size += 4
	}
	if n&oddFlags != 0 {
		size++
	}
	if n>>6 != 0 || s.Kind > mapping.Text || len(p.rest) < size || p.next >= len(p.kinds) {
		return fmt.Errorf("sample of series %d: %w", p.next, ErrCorrupt)
	}
	if n&oddQuality != 0 {
		s.Quality = mapping.Quality(binary.LittleEndian.Uint32(p.rest))
	}
	if n&oddFlags != 0 {
		s.Flags = mapping.Flags(p.rest[size-1])
	}
	p.rest = p.rest[size:]
	size = parseValue(p.rest, p.b, &s)
	if size < 0 {
		return fmt.Errorf("value of series %d: %w", p.next, ErrCorrupt)
	}
	p.rest, p.next = p.rest[size:], p.next+1
	p.b.Samples = append(p.b.Samples, s)
	return nil
}
