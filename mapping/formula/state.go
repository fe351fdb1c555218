package formula

import (
	"encoding/binary"
	"errors"
)

// What inputs hold, and what formulas remember, is kept over restarts in a form of bytes. Numbers are varints, but for the
// bits of values.

// ErrState is a state that cannot be read.
var ErrState = errors.New("the state of an input cannot be read")

// maxText bounds a text that is read back.
const maxText = 1 << 20

// AppendState appends what in holds to dst.
func (in *Input) AppendState(dst []byte) []byte {
	dst = append(dst, byte(in.Kind))
	dst = binary.LittleEndian.AppendUint64(dst, in.Bits)
	dst = binary.LittleEndian.AppendUint32(dst, in.Quality)
	for _, v := range [...]int64{in.Time, in.seen, in.valued} {
		dst = binary.AppendVarint(dst, v)
	}
	dst = binary.AppendUvarint(dst, in.samples)
	dst = binary.AppendUvarint(dst, in.puts)
	text := in.Text
	if in.Kind != Words || len(text) > maxText {
		text = ""
	}
	dst = binary.AppendUvarint(dst, uint64(len(text)))
	return append(dst, text...)
}

// ParseState takes over what AppendState has written at the beginning of b, and returns what follows. MaxAge and Texts stay.
func (in *Input) ParseState(b []byte) (rest []byte, err error) {
	if len(b) < 1+8+4 || Kind(b[0]) > Words {
		return nil, ErrState
	}
	one := Input{Kind: Kind(b[0]), MaxAge: in.MaxAge, Texts: in.Texts}
	one.Bits, one.Quality = binary.LittleEndian.Uint64(b[1:]), binary.LittleEndian.Uint32(b[9:])
	b = b[13:]
	for _, v := range []*int64{&one.Time, &one.seen, &one.valued} {
		n, size := binary.Varint(b)
		if size <= 0 {
			return nil, ErrState
		}
		*v, b = n, b[size:]
	}
	var length uint64
	for _, v := range []*uint64{&one.samples, &one.puts, &length} {
		n, size := binary.Uvarint(b)
		if size <= 0 {
			return nil, ErrState
		}
		*v, b = n, b[size:]
	}
	if length > maxText || length > uint64(len(b)) || isBad(one.Quality) != (one.Kind == None) {
		return nil, ErrState
	}
	one.Text, b = string(b[:length]), b[length:]
	*in = one
	return b, nil
}

// AppendPast appends what p remembers for f to dst. p may be a new one.
func (f *Formula) AppendPast(dst []byte, p *Past) []byte {
	for _, i := range f.previous {
		now, before := Input{Quality: BadWaitingForInitialData}, Input{Quality: BadWaitingForInitialData}
		if p.now != nil {
			now, before = p.now[i], p.before[i]
		}
		dst = before.orNone().AppendState(now.orNone().AppendState(dst))
	}
	return dst
}

// orNone is in, or where that is nothing, an input that was never read.
func (in *Input) orNone() *Input {
	if in.Kind == None && !isBad(in.Quality) {
		in.Quality = BadWaitingForInitialData
	}
	return in
}

// ParsePast takes over what AppendPast has written for f at the beginning of b, and returns what follows.
func (f *Formula) ParsePast(b []byte, p *Past) (rest []byte, err error) {
	if len(f.previous) == 0 {
		return b, nil
	}
	next := Past{now: make([]Input, len(f.inputs)), before: make([]Input, len(f.inputs))}
	for _, i := range f.previous {
		if b, err = next.now[i].ParseState(b); err != nil {
			return nil, err
		}
		if b, err = next.before[i].ParseState(b); err != nil {
			return nil, err
		}
	}
	*p = next
	return b, nil
}
