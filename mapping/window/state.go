package window

import (
	"encoding/binary"
	"errors"
	"math"
)

// stateVersion is that of the states below. They begin with it, then have their fields as encoding/binary lays them out,
// little-endian.
const stateVersion = 1

// ErrState is a state that cannot be read: it is cut off, of another version, or says what cannot be.
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

func parseState[T interface {
	State | Counter | Integral
	possible() bool
}](b []byte, s *T) error {
	if len(b) != 1+binary.Size(s) || b[0] != stateVersion {
		return ErrState
	}
	var read T
	if _, err := binary.Decode(b[1:], binary.LittleEndian, &read); err != nil {
		return ErrState
	}
	if !read.possible() {
		return ErrState
	}
	*s = read
	return nil
}

// possible reports that s can have come about: that what is reckoned on from it ends, and is a number.
func (s State) possible() bool {
	const longest = int64(MaxLength + 2*day) // with what clocks are changed by
	open := s.Start <= s.At && s.At <= s.End && s.Start >= -far-longest && s.Start <= far && s.End <= s.Start+longest
	counts := s.Count >= 0 && s.GoodTime >= 0 && s.Unsure >= 0 && s.On >= 0 && s.Changes >= 0
	return open && counts && s.Now.possible() && s.Held.possible() && finite(s.Known, s.First, s.Last, s.Low, s.High)
}

func (c Counter) possible() bool {
	return finite(c.Last, c.Before, c.Dip, c.Total.High, c.Total.Low)
}

func (g Integral) possible() bool {
	return g.Last.possible() && g.At >= -far && g.At <= far && (!g.Any || g.At >= g.Last.Time)
}

func (s Sample) possible() bool {
	return s.Severity <= Bad && s.Time >= -far && s.Time <= far && finite(s.Value)
}

func finite(all ...float64) bool {
	for _, v := range all {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}
