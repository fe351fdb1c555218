package journal

import (
	"encoding/binary"
	"fmt"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// pickSamples is parseSamples of those samples that choice has: the values of others are passed over, and what comes after the
// last series that it has is not looked at where it can be known that nothing follows. The payload's sum is known to be right.
func pickSamples(payload []byte, n int, g *mapping.Group, choice *sinks.Choice, b *mapping.Batch) error {
	if choice.All() {
		return parseSamples(payload, n, g, b)
	}
	b.Reset(g)
	if len(payload) < sampleHead {
		return fmt.Errorf("samples of %d bytes: %w", len(payload), ErrCorrupt)
	}
	p := picker{choice: choice, left: n,
		parser: parser{rest: payload[sampleHead:], kinds: g.Kinds(), now: commonTime(payload), b: b}}
	for p.left > 0 {
		step, size := binary.Uvarint(p.rest)
		if size <= 0 {
			return fmt.Errorf("step of the samples: %w", ErrCorrupt)
		}
		var err error
		switch step & 3 {
		case stepRun:
			p.rest = p.rest[size:]
			err = p.run(step >> 2)
		case stepOdd:
			p.rest = p.rest[size:]
			err = p.odd(step >> 2)
		default:
			err = p.step(p.left)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// picker is where in a payload pickSamples has come to.
type picker struct {
	parser
	choice *sinks.Choice
	left   int // samples
}

// run takes of n plain samples those that are chosen.
func (p *picker) run(n uint64) error {
	if n == 0 || n > uint64(p.left) || n > uint64(len(p.kinds)-p.next) {
		return fmt.Errorf("run of %d samples: %w", n, ErrCorrupt)
	}
	to := p.next + int(n)
	p.left -= int(n)
	if p.left == 0 {
		to = min(to, p.choice.End())
	}
	rest := p.rest
	for i := p.next; i < to; i++ {
		size := 0
		if p.choice.Has(uint16(i)) {
			s := mapping.Sample{Time: p.now, Index: uint16(i), Kind: p.kinds[i]}
			if size = parseValue(rest, p.b, &s); size >= 0 {
				p.b.Samples = append(p.b.Samples, s)
			}
		} else {
			size = valueSize(rest, p.kinds[i])
		}
		if size < 0 || size > len(rest) {
			return fmt.Errorf("value of series %d: %w", i, ErrCorrupt)
		}
		rest = rest[size:]
	}
	p.rest, p.next = rest, to
	return nil
}

// odd takes one sample that is spelled out, if it is chosen.
func (p *picker) odd(n uint64) error {
	samples, blob := len(p.b.Samples), len(p.b.Blob)
	index := uint16(p.next)
	if err := p.parser.odd(n); err != nil {
		return err
	}
	p.left--
	if !p.choice.Has(index) {
		p.b.Samples, p.b.Blob = p.b.Samples[:samples], p.b.Blob[:blob]
	}
	return nil
}

// valueSize is the size of a value of that kind at the start of p, or -1; it may be more than there is.
func valueSize(p []byte, kind mapping.Kind) int {
	switch kind {
	case mapping.F32:
		return 4
	case mapping.None:
		return 0
	case mapping.F64:
		return 8
	case mapping.Bool:
		return 1
	}
	v, size := parseVarint(p)
	switch {
	case size <= 0:
		return -1
	case kind != mapping.Text:
		return size
	case v > uint64(len(p)-size):
		return -1
	}
	return size + int(v)
}
