package reckon

import (
	"encoding/binary"

	"tagbridge/mapping/formula"
)

// parser reads a state. Once something is missing it has failed, and gives zeros.
type parser struct {
	b      []byte
	failed bool
}

// next is the next n bytes; nil when there are fewer.
func (p *parser) next(n uint64) []byte {
	if p.failed || n > uint64(len(p.b)) {
		p.failed, p.b = true, nil
		return nil
	}
	part := p.b[:n:n]
	p.b = p.b[n:]
	return part
}

func (p *parser) byte() byte {
	if b := p.next(1); b != nil {
		return b[0]
	}
	return 0
}

func (p *parser) u32() uint32 {
	if b := p.next(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (p *parser) u64() uint64 {
	if b := p.next(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (p *parser) varint() int64 {
	v, n := binary.Varint(p.b)
	if n <= 0 {
		p.failed, p.b = true, nil
		return 0
	}
	p.b = p.b[n:]
	return v
}

func (p *parser) uvarint() uint64 {
	v, n := binary.Uvarint(p.b)
	if n <= 0 {
		p.failed, p.b = true, nil
		return 0
	}
	p.b = p.b[n:]
	return v
}

// count is a number of things, each of which has at least one byte.
func (p *parser) count() int {
	n := p.uvarint()
	if n > uint64(len(p.b)) {
		p.failed, p.b = true, nil
		return 0
	}
	return int(n)
}

// inputs passes each input to take, which returns what of its argument it has not read; all of it for one that is not wanted.
func (p *parser) inputs(take func(name string, b []byte) []byte) {
	for range p.count() {
		name := string(p.next(p.uvarint()))
		var passed formula.Input
		rest, err := passed.ParseState(p.b)
		if err != nil {
			p.failed, p.b = true, nil
		}
		if p.failed {
			return
		}
		take(name, p.b)
		p.b = rest
	}
}

// tags are those of the state.
func (p *parser) tags() (list []orphan) {
	for range p.count() {
		o := orphan{name: string(p.next(p.uvarint())), key: p.u64(), since: p.varint()}
		o.state = p.next(uint64(p.u32()))
		if p.failed {
			return nil
		}
		o.state = append([]byte(nil), o.state...)
		list = append(list, o)
	}
	return list
}

// given are the values of a state with that many tags.
func (p *parser) given(tags int) (list []Given) {
	for range p.count() {
		g := Given{Tag: int(p.uvarint()), Value: p.value()}
		if p.failed || g.Tag < 0 || g.Tag >= tags {
			p.failed = true
			return nil
		}
		list = append(list, g)
	}
	return list
}
