package reckon

import (
	"encoding/binary"
	"errors"
	"hash/fnv"
	"math"

	"tagbridge/mapping"
)

// stateVersion is that of the form below: numbers are varints and texts have their length before them.
//
//	version u8, newest
//	number of inputs, of each its name and state (formula.Input)
//	number of tags, of each: name, key u64, gone, met, at, flags u8, the last value of its formula and its own, what the formula remembers, the machine's
//	number of values that were given, of each: number of its tag, value
//	number of changes of alarms that may not be told yet, of each: number of its tag, time, since, changed, level u8, before u8, quality u32,
//	value f64; version 1 has none
//
// A value is time, number f64, quality u32. Of a tag that is gone what follows the name is kept as it was.
const stateVersion = 2

// keepGone is for how long, in nanoseconds, the state of a tag is kept that is not there any more, or is reckoned otherwise.
const keepGone = 7 * 24 * 3600e9

// mostGone is how many such states are kept.
const mostGone = 100_000

// orphan is the state of a tag that is not there.
type orphan struct {
	name  string
	key   uint64
	since int64
	state []byte // what comes after that
}

const (
	flagDirty = 1 << iota
	flagAny
	flagGave
)

// errState is a state that cannot be read.
var errState = errors.New("the state of windows, totals and alarms cannot be read")

func hash(key string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(key))
	return h.Sum64()
}

// AppendState appends all that is needed to go on to dst.
func (r *Reckoner) AppendState(dst []byte) []byte {
	dst = binary.AppendVarint(append(dst, stateVersion), r.newest)
	dst = binary.AppendUvarint(dst, uint64(len(r.inputs)))
	for _, in := range r.inputs {
		dst = in.in.AppendState(appendText(dst, in.name))
	}
	dst = binary.AppendUvarint(dst, uint64(len(r.tags)+len(r.gone)))
	for _, t := range r.tags {
		dst = appendHead(dst, t.Device, t.Tag, t.key, 0)
		dst = appendSized(dst, t.appendState)
	}
	for _, o := range r.gone {
		device, name := Split(o.name)
		dst = appendHead(dst, device, name, o.key, o.since)
		dst = append(binary.LittleEndian.AppendUint32(dst, uint32(len(o.state))), o.state...)
	}
	dst = binary.AppendUvarint(dst, uint64(len(r.told)+len(r.out.Values)))
	for _, g := range r.told {
		dst = appendValue(binary.AppendUvarint(dst, uint64(g.Tag)), g.Value)
	}
	for _, g := range r.out.Values {
		dst = appendValue(binary.AppendUvarint(dst, uint64(g.Tag)), g.Value)
	}
	return r.appendChanges(dst)
}

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

func appendHead(dst []byte, device, tag string, key uint64, gone int64) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(device)+1+len(tag)))
	dst = append(append(append(dst, device...), '/'), tag...)
	return binary.AppendVarint(binary.LittleEndian.AppendUint64(dst, key), gone)
}

// appendSized appends what add appends, its length before it.
func appendSized(dst []byte, add func([]byte) []byte) []byte {
	at := len(dst)
	dst = add(append(dst, 0, 0, 0, 0))
	binary.LittleEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	return dst
}

func appendValue(dst []byte, v Value) []byte {
	dst = binary.LittleEndian.AppendUint64(binary.AppendVarint(dst, v.Time), math.Float64bits(v.Number))
	return binary.LittleEndian.AppendUint32(dst, uint32(v.Quality))
}

func (t *tag) appendState(dst []byte) []byte {
	dst = binary.AppendVarint(binary.AppendVarint(dst, t.met), t.at)
	flags := byte(0)
	if t.dirty {
		flags |= flagDirty
	}
	if t.any {
		flags |= flagAny
	}
	if t.gave {
		flags |= flagGave
	}
	dst = appendValue(appendValue(append(dst, flags), t.last), t.given)
	if t.computer != nil {
		dst = t.computer.AppendPast(dst)
	}
	return t.Machine.AppendState(dst)
}

// Changed is what became of tags when a state was taken over.
type Changed struct {
	Anew []string // that begin anew, as they are reckoned otherwise than before
	Back []string // that go on where they ended when they were taken out of the map
	Gone []string // that are not there any more
	Torn []string // that begin anew, as their own part of the state could not be read
}

// ParseState takes over a state, which may be that of other tags: what is not reckoned any more, or otherwise, is kept for
// seven days and taken over should it come back. now is the time. An error leaves r as it was when New made it.
func (r *Reckoner) ParseState(b []byte, now int64) (c Changed, err error) {
	p := parser{b: b}
	version := p.byte()
	if version < 1 || version > stateVersion {
		return c, errState
	}
	newest := p.varint()
	p.inputs(func(name string, b []byte) []byte { return b })
	tags := p.tags()
	given := p.given(len(tags))
	var changes []Change
	if version > 1 {
		changes = p.changes(len(tags))
	}
	if p.failed || len(p.b) > 0 {
		return c, errState
	}
	r.newest = newest
	again := parser{b: b[1:]}
	again.varint()
	again.inputs(func(name string, b []byte) []byte {
		if in := r.byName[name]; in != nil {
			if rest, err := in.in.ParseState(b); err == nil {
				return rest
			}
		}
		return b
	})
	places := r.adopt(tags, now, &c)
	for _, g := range given {
		if to := places[g.Tag]; to >= 0 {
			g.Tag = to
			r.told = append(r.told, told{Given: g})
		}
	}
	for _, c := range changes {
		if c.Tag = places[c.Tag]; c.Tag >= 0 {
			r.out.changes = append(r.out.changes, c)
		}
	}
	return c, nil
}

// adopt gives the tags their states, and returns the index that each of them has now; -1: none.
func (r *Reckoner) adopt(states []orphan, now int64, c *Changed) []int {
	places := make([]int, len(states))
	for i, o := range states {
		places[i] = -1
		t := r.own[o.name]
		same := t != nil && t.key == o.key
		if same && !t.kept {
			if t.parseState(o.state) {
				t.kept = true
				if places[i] = t.index; o.since != 0 {
					t.Machine.Away(o.since)
					c.Back = append(c.Back, o.name)
				}
				continue
			}
			c.Torn = append(c.Torn, o.name)
			continue
		}
		if o.since == 0 {
			o.since = now
			if t == nil {
				c.Gone = append(c.Gone, o.name)
			} else {
				c.Anew = append(c.Anew, o.name)
			}
		}
		if now-o.since < keepGone && len(r.gone) < mostGone {
			r.gone = append(r.gone, o)
		}
	}
	return places
}

// parseState takes over what appendState has written.
func (t *tag) parseState(b []byte) bool {
	p := parser{b: b}
	met, at, flags, last, given := p.varint(), p.varint(), p.byte(), p.value(), p.value()
	if p.failed {
		return false
	}
	if t.computer != nil {
		rest, err := t.computer.ParsePast(p.b)
		if err != nil {
			return false
		}
		p.b = rest
	}
	if t.Machine.ParseState(p.b) != nil {
		return false
	}
	t.met, t.at, t.last, t.given = met, at, last, given
	t.dirty, t.any = flags&flagDirty != 0, flags&flagAny != 0
	t.gave = flags&flagGave != 0
	return true
}

// value is the next one of the state.
func (p *parser) value() Value {
	return Value{Time: p.varint(), Number: math.Float64frombits(p.u64()), Quality: mapping.Quality(p.u32())}
}
