package probe

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/dump"
)

// device is a random device: registers, and what its display shows of them. It encodes by the words of the contract, not
// with the codecs of mapping.
type device struct {
	*rand.Rand
	order  mapping.Order
	table  mapping.Table
	first  int
	words  []uint16
	values []value
	filled []bool // a word is a part of a value
}

// value is one that the device keeps, and shows as raw × 10^exp.
type value struct {
	at   int // index of its first word
	kind mapping.Type
	exp  int
	now  float64 // raw
	step float64 // how far it moves from reading to reading; 0: it is still
	only bool    // it only grows
}

func newDevice(seed uint64, words int) *device {
	d := &device{Rand: rand.New(rand.NewPCG(seed, 9)), words: make([]uint16, words), filled: make([]bool, words)}
	d.order = mapping.Order(d.IntN(4))
	if d.IntN(3) > 0 {
		d.order = mapping.Order(d.IntN(2)) // the usual ones
	}
	d.table = mapping.Holding - mapping.Table(d.IntN(2))
	d.first = d.IntN(2000)
	return d
}

// ordered are the words of bits in the order o.
func ordered(bits uint64, registers int, o mapping.Order) []uint16 {
	data := binary.BigEndian.AppendUint64(nil, bits)[8-2*registers:]
	words := make([]uint16, registers)
	for i := range words {
		words[i] = binary.BigEndian.Uint16(data[2*i:])
		if o == mapping.BADC || o == mapping.DCBA {
			words[i] = words[i]<<8 | words[i]>>8
		}
	}
	if o == mapping.CDAB || o == mapping.DCBA {
		for i := range registers / 2 {
			words[i], words[registers-1-i] = words[registers-1-i], words[i]
		}
	}
	return words
}

// encode is raw as bits of kind.
func encode(kind mapping.Type, raw float64) uint64 {
	switch kind {
	case mapping.TypeFloat32:
		return uint64(math.Float32bits(float32(raw)))
	case mapping.TypeFloat64:
		return math.Float64bits(raw)
	case mapping.TypeBCD16, mapping.TypeBCD32:
		n, err := strconv.ParseUint(fmt.Sprintf("%.0f", math.Abs(raw)), 16, 64)
		if err != nil {
			panic(err)
		}
		return n
	case mapping.TypeUint64:
		return uint64(raw)
	}
	return uint64(int64(raw))
}

// put writes v's registers.
func (d *device) put(v *value) {
	order := d.order
	n := v.kind.Registers()
	if n == 1 && order == mapping.CDAB {
		order = mapping.ABCD
	}
	if n == 1 && order == mapping.DCBA {
		order = mapping.BADC
	}
	raw := v.now
	if v.kind != mapping.TypeFloat32 && v.kind != mapping.TypeFloat64 {
		raw = math.Round(raw)
	}
	for i, w := range ordered(encode(v.kind, raw), n, order) {
		d.words[v.at+i] = w
		d.filled[v.at+i] = true
	}
}

// shows is what the display shows of v, at digits digits.
func (d *device) shows(v *value, digits int) string {
	raw := v.now
	if v.kind != mapping.TypeFloat32 && v.kind != mapping.TypeFloat64 {
		raw = math.Round(raw)
	}
	number := raw * math.Pow(10, float64(v.exp))
	return strconv.FormatFloat(number, 'e', digits-1, 64)
}

// tick moves all that moves.
func (d *device) tick() {
	for i := range d.values {
		v := &d.values[i]
		if v.step == 0 {
			continue
		}
		by := v.step * (0.5 + d.Float64())
		if !v.only && d.IntN(2) == 0 {
			by = -by
		}
		v.now += by
		d.put(v)
	}
}

func (d *device) snapshot() dump.Snapshot {
	words := append([]uint16(nil), d.words...)
	return dump.Snapshot{Time: time.Unix(0, 0), Areas: []dump.Area{{Unit: 1, Table: d.table, First: d.first, Values: words}}}
}

// add puts v where the next free words are after a gap, and reports whether there was room.
func (d *device) add(v value, gap int) bool {
	at := 0
	for i, used := range d.filled {
		if used {
			at = i + 1
		}
	}
	v.at = at + gap
	if v.at+v.kind.Registers() > len(d.words) {
		return false
	}
	d.values = append(d.values, v)
	d.put(&d.values[len(d.values)-1])
	return true
}

// pick is one of list.
func pick[T any](d *device, list ...T) T { return list[d.IntN(len(list))] }

// instrument fills d as meters and drives are: values of one family, counters, constants, states, holes, text.
func (d *device) instrument() {
	wide := pick(d, mapping.TypeFloat32, mapping.TypeFloat32, mapping.TypeInt32, mapping.TypeInt16)
	for {
		var v value
		switch d.IntN(12) {
		case 0, 1, 2, 3, 4: // a measured value
			v = value{kind: wide, now: math.Exp(d.Float64()*9) * 0.1, step: 1}
			if wide != mapping.TypeFloat32 {
				v.exp = -d.IntN(3)
				v.now = math.Round(math.Exp(d.Float64()*8)) * pick(d, 1.0, 1, -1)
			}
			v.now *= 1 + 0.001*d.Float64()
			v.step = math.Abs(v.now) * pick(d, 0, 0.0003, 0.005, 0.02)
		case 5: // a counter
			v = value{kind: pick(d, mapping.TypeUint32, mapping.TypeUint32, mapping.TypeUint64), exp: -d.IntN(3),
				now: math.Round(math.Exp(d.Float64() * 19)), step: pick(d, 0.0, 1, 30), only: true}
		case 6, 7: // a setting, a state, a bit field
			v = value{kind: mapping.TypeUint16, now: float64(pick(d, 0, 1, 2, 3, 10, 50, 100, 230, 1000, 0x8000, 0xFFFF))}
		case 8: // nothing
			v = value{kind: pick(d, mapping.TypeUint16, mapping.TypeUint32)}
		case 9:
			v = value{kind: mapping.TypeInt16, now: float64(d.IntN(4000) - 1000), exp: -1, step: pick(d, 0.0, 2)}
		case 10:
			v = value{kind: mapping.TypeUint16, now: float64(d.IntN(1 << 16))} // a checksum, a version
		default:
			if !d.text(pick(d, "SDM630 v2.1 ", "Inverter-5000", "SN 20240917-0042", "ABB ACS580")) {
				return
			}
			continue
		}
		if !d.add(v, pick(d, 0, 0, 0, 0, 1, 2)) {
			return
		}
	}
}

// mean fills d with what deceives: tiny floats, constants, counters alone, BCD, words that look like halves of floats, text
// whose bytes are swapped, siblings that hold almost the same.
func (d *device) mean() {
	base := 200 + 50*d.Float64()
	style := d.IntN(7)
	for {
		var v value
		switch style {
		case 0: // floats of tiny size
			v = value{kind: mapping.TypeFloat32, now: math.Exp(-20 * d.Float64()), step: 1e-9}
		case 1: // constants
			v = value{kind: pick(d, mapping.TypeUint16, mapping.TypeUint32), now: float64(pick(d, 0, 1, 0x4366, 17000, 16256, 0x41BC))}
		case 2: // counters
			v = value{kind: mapping.TypeUint16, now: float64(d.IntN(60000)), step: pick(d, 0.0, 3), only: true}
		case 3: // BCD
			v = value{kind: pick(d, mapping.TypeBCD16, mapping.TypeBCD32), now: float64(d.IntN(9000)), step: pick(d, 0.0, 3), only: true}
		case 4: // noise
			v = value{kind: mapping.TypeUint16, now: float64(d.IntN(30000) + 16000), step: 500}
		case 5: // siblings
			v = value{kind: pick(d, mapping.TypeFloat32, mapping.TypeInt16), now: base + d.Float64(), step: 0.1}
		default: // zeros, and here and there a number
			v = value{kind: mapping.TypeUint16, now: float64(pick(d, 0, 0, 0, 0, 0, 0, 1, 7))}
		}
		if !d.add(v, 0) {
			return
		}
	}
}

// text puts a text, in the byte order of d, and reports whether there was room.
func (d *device) text(s string) bool {
	if len(s)%2 == 1 {
		s += " "
	}
	at := 0
	for i, used := range d.filled {
		if used {
			at = i + 1
		}
	}
	if at+len(s)/2 > len(d.words) {
		return false
	}
	for i := 0; i < len(s); i += 2 {
		w := uint16(s[i])<<8 | uint16(s[i+1])
		if d.order.SwapsBytes() {
			w = w<<8 | w>>8
		}
		d.words[at+i/2] = w
		d.filled[at+i/2] = true
	}
	return true
}
