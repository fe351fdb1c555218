package sunspec

import (
	"context"
	"encoding/binary"
	"errors"
	"testing"
)

// fake is a device of registers.
type fake struct {
	t         *testing.T
	registers map[int]uint16
	whole     [][2]int // first and end of values that are given whole only
	silent    map[int]bool
	asked     [][2]int // first and count
}

func newFake(t *testing.T) *fake {
	return &fake{t: t, registers: map[int]uint16{}, silent: map[int]bool{}}
}

var errSilent = errors.New("no answer")

func (f *fake) read(_ context.Context, first, count int) ([]byte, error) {
	f.asked = append(f.asked, [2]int{first, count})
	if count < 1 || count > 125 || first < 0 || first+count > 1<<16 {
		f.t.Errorf("asked for %d registers from %d on", count, first)
	}
	if f.silent[first] {
		return nil, errSilent
	}
	for _, w := range f.whole {
		if w[0] < first && first < w[1] || w[0] < first+count && first+count < w[1] {
			return nil, ErrRefused
		}
	}
	var raw []byte
	for a := first; a < first+count; a++ {
		v, ok := f.registers[a]
		if !ok {
			return nil, ErrRefused
		}
		raw = binary.BigEndian.AppendUint16(raw, v)
	}
	return raw, nil
}

func (f *fake) put(at int, words ...uint16) int {
	for i, w := range words {
		f.registers[at+i] = w
	}
	return at + len(words)
}

func (f *fake) begin(base int) int { return f.put(base, 0x5375, 0x6E53) }

// model puts one with that length and each register 1 but those in values, counted from the first after the length.
func (f *fake) model(at, id, length int, values map[int]uint16) (next int) {
	f.put(at, uint16(id), uint16(length))
	for i := range length {
		v, ok := values[i]
		if !ok {
			v = 1
		}
		f.put(at+2+i, v)
	}
	return at + 2 + length
}

// keepWhole has the values of a model given whole only.
func (f *fake) keepWhole(at int, m *Model) {
	at += 2
	for _, p := range m.Points[header:] {
		f.whole = append(f.whole, [2]int{at, at + p.Registers})
		at += p.Registers
	}
}

func (f *fake) walk(o Options) *Device {
	f.t.Helper()
	d, err := Walk(context.Background(), f.read, o)
	if err != nil {
		f.t.Fatal(err)
	}
	return d
}

func ids(d *Device) (list []int) {
	for _, m := range d.Models {
		list = append(list, m.ID)
	}
	return list
}

func (d *Device) find(t *testing.T, model int, name string) *Value {
	t.Helper()
	for _, m := range d.Models {
		for _, v := range m.Values {
			if m.ID == model && v.Point.Name == name {
				return v
			}
		}
	}
	t.Fatalf("model %d has no %s", model, name)
	return nil
}
