package window

import (
	"encoding/binary"
	"errors"
)

// stateVersion is that of the states below. They begin with it, then have their fields as encoding/binary lays them out,
// little-endian.
const stateVersion = 1

// ErrState is a state that cannot be read: it is cut off, or of another version.
var ErrState = errors.New("no state of this version")

// AppendState appends w's state to dst.
func (w *Window) AppendState(dst []byte) []byte { return appendState(dst, &w.State) }

// ParseState takes over a state that AppendState has written, and nothing else.
func (w *Window) ParseState(b []byte) error { return parseState(b, &w.State) }

// AppendState appends c's state to dst.
func (c *Counter) AppendState(dst []byte) []byte { return appendState(dst, c) }

// ParseState takes over a state that AppendState has written, and nothing else.
func (c *Counter) ParseState(b []byte) error { return parseState(b, c) }

// AppendState appends g's state to dst.
func (g *Integral) AppendState(dst []byte) []byte { return appendState(dst, g) }

// ParseState takes over a state that AppendState has written, and nothing else.
func (g *Integral) ParseState(b []byte) error { return parseState(b, g) }

func appendState[T State | Counter | Integral](dst []byte, s *T) []byte {
	dst, err := binary.Append(append(dst, stateVersion), binary.LittleEndian, s)
	if err != nil {
		panic("window: a state has a field without a size: " + err.Error())
	}
	return dst
}

func parseState[T State | Counter | Integral](b []byte, s *T) error {
	if len(b) != 1+binary.Size(s) || b[0] != stateVersion {
		return ErrState
	}
	var read T
	if _, err := binary.Decode(b[1:], binary.LittleEndian, &read); err != nil {
		return ErrState
	}
	*s = read
	return nil
}
