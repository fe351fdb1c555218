package probe

import (
	"math"
	"strconv"
	"strings"

	"tagbridge/mapping"
)

// lookForms are the ways to read numbers that are looked for, by type and order.
var lookForms = func() map[mapping.Type]*[4]form {
	list := map[mapping.Type]*[4]form{}
	for _, kind := range []mapping.Type{mapping.TypeInt16, mapping.TypeInt32, mapping.TypeFloat32, mapping.TypeInt64, mapping.TypeFloat64} {
		list[kind] = new([4]form)
		for o := range mapping.Order(4) {
			f := form{kind: kind, order: o, registers: kind.Registers()}
			f.codec = mapping.Compile(f.tag())
			list[kind][o] = f
		}
	}
	return list
}()

// What cells take, in bits, beside what they hold.
const (
	zeroBits   = 1.5
	numberBits = 3  // to say that it is a number of one register
	wideBits   = 4  // of several
	rareBits   = 7  // of four registers
	textBits   = 10 // to say that a text begins
	letterBits = 5
	leastText  = 3 // registers
	maxText    = 32
	rawBits    = 16 // of a register that fits nothing
)

// cells are what may be at an address, of which most registers follow.
func (c *cutter) cells(t mapping.Table, at, most int, order mapping.Order) []cell {
	m := c.memories[0]
	raw := m.find(t, at, most)
	var list []cell
	changes := 0
	if c.moves(t, at, 1) {
		changes = len(c.memories) - 1
	}
	if raw[0] == 0 && raw[1] == 0 && changes == 0 {
		list = append(list, cell{1, Zeros, 0, zeroBits})
	}
	list = append(list, cell{1, Number, mapping.TypeInt16, numberBits + c.bits(t, at, mapping.TypeInt16, order)})
	for _, kind := range []mapping.Type{mapping.TypeFloat32, mapping.TypeInt32, mapping.TypeFloat64, mapping.TypeInt64} {
		n := kind.Registers()
		if n > most || raw[0] == 0 && raw[1] == 0 && allZero(raw[:2*n]) && !c.moves(t, at, n) {
			continue
		}
		cost := c.bits(t, at, kind, order) + wideBits
		if n == 4 {
			cost += rareBits
		}
		list = append(list, cell{n, Number, kind, cost})
	}
	if n := textLength(raw[:2*min(most, maxText)], order); n >= leastText && !c.moves(t, at, n) {
		list = append(list, cell{n, Text, 0, textBits + 2*letterBits*float64(n)})
	}
	return list
}

func allZero(b []byte) bool {
	for _, x := range b {
		if x != 0 {
			return false
		}
	}
	return true
}

// bits are those of a number in all snapshots: what it is, and how far it moves.
func (c *cutter) bits(t mapping.Table, at int, kind mapping.Type, order mapping.Order) float64 {
	f := &lookForms[kind][order]
	total, before := 0.0, math.NaN()
	for _, m := range c.memories {
		raw := m.find(t, at, f.registers)
		if raw == nil {
			continue
		}
		v, ok := f.number(raw)
		full := float64(rawBits * f.registers)
		switch {
		case !ok:
			total += full + 12 // NaN, and no number on any display
		case math.IsNaN(before):
			total += own(kind, v, full)
		case v != before:
			total += min(change(kind, before, v, full), own(kind, v, full)) + 2
		default:
			total++
		}
		if ok {
			before = v
		}
	}
	return total
}

// own are the bits of v alone, of a type of full bits.
func own(kind mapping.Type, v, full float64) float64 {
	size := math.Abs(v)
	if !isFloat(kind) {
		return min(full, 1+math.Log2(size+1))
	}
	switch {
	case size == 0:
		return 6
	case size < 1e-6 || size > 1e9:
		return full + 8 // no display shows it
	}
	digits := len(floatDigits(kind, v))
	odd := 3.0
	if size < 1e-3 || size > 1e7 {
		odd = 7
	}
	return min(odd+3.4*float64(digits)+2, odd+full-6)
}

// change are the bits of the step from a to b.
func change(kind mapping.Type, a, b, full float64) float64 {
	step := math.Abs(b - a)
	if !isFloat(kind) {
		return min(full, 2+math.Log2(step+1))
	}
	rel := step / max(math.Abs(a), math.Abs(b))
	if math.IsNaN(rel) || rel > 0.5 {
		return full
	}
	mantissa := 24.0
	if kind == mapping.TypeFloat64 {
		mantissa = 53
	}
	return min(full, 3+max(0, mantissa+math.Log2(rel)+1))
}

// floatDigits are the digits of v in its shortest form, without zeros at the ends.
func floatDigits(kind mapping.Type, v float64) string {
	size := 64
	if kind == mapping.TypeFloat32 {
		size = 32
	}
	text, _, _ := strings.Cut(strconv.FormatFloat(math.Abs(v), 'e', -1, size), "e")
	return strings.Trim(strings.Replace(text, ".", "", 1), "0")
}

// textLength is how many registers from the first of raw on are a text.
func textLength(raw []byte, order mapping.Order) (registers int) {
	for i := 0; i+1 < len(raw); i += 2 {
		a, b := raw[i], raw[i+1]
		if order.SwapsBytes() {
			a, b = b, a
		}
		if !isLetter(a) || b != 0 && !isLetter(b) {
			return registers
		}
		registers++
		if b == 0 {
			return registers
		}
	}
	return registers
}

func isLetter(b byte) bool { return b >= ' ' && b <= '~' }

// textOf is the text in raw.
func textOf(raw []byte, order mapping.Order) string {
	text := make([]byte, 0, len(raw))
	for i := 0; i+1 < len(raw); i += 2 {
		a, b := raw[i], raw[i+1]
		if order.SwapsBytes() {
			a, b = b, a
		}
		text = append(text, a, b)
	}
	return strings.TrimRight(string(text), "\x00 ")
}
