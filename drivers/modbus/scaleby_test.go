package modbus

import (
	"encoding/binary"
	"io"
	"math"
	"net"
	"testing"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
)

// inverter is a device whose scale factor, in register 145, is another one at every request; its values, from 100 on, are 1, 2,
// 3 and so on whatever it is. It refuses requests that touch 90 or 150.
func inverter(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for n := 0; ; {
			c, err := l.Accept()
			if err != nil {
				return
			}
			q := make([]byte, 12)
			for ; ; n++ {
				if _, err := io.ReadFull(c, q); err != nil {
					break
				}
				if _, err := c.Write(inverterAnswer(q, n%4)); err != nil {
					break
				}
			}
			c.Close()
		}
	}()
	return l.Addr().String()
}

// inverterAnswer is the answer to q while values have so many digits after the point.
func inverterAnswer(q []byte, digits int) []byte {
	first, count := int(binary.BigEndian.Uint16(q[8:])), int(binary.BigEndian.Uint16(q[10:]))
	for _, hole := range []int{90, 150} {
		if first <= hole && hole < first+count {
			return append(append([]byte(nil), q[:4]...), 0, 3, q[6], q[7]|0x80, 2)
		}
	}
	a := append(append([]byte(nil), q[:4]...), 0, byte(3+2*count), q[6], q[7], byte(2*count))
	for n := first; n < first+count; n++ {
		v := uint16(0)
		switch {
		case n == 145:
			v = uint16(-digits)
		case n >= 100 && n < 140:
			v = uint16(n-99) * uint16(math.Pow10(digits))
		}
		a = binary.BigEndian.AppendUint16(a, v)
	}
	return a
}

// TestScaleFactorsThatChange reads values and their exponent while it changes from each answer to the next, beside registers
// that are refused, so that blocks are split: no value is ever off by a power of ten.
func TestScaleFactorsThatChange(t *testing.T) {
	for name, limits := range map[string]Limits{"joined": {MaxGap: 16}, "no gaps": {}, "small": {MaxRegisters: 46}} {
		t.Run(name, func(t *testing.T) {
			tags := words(90, 150)
			for n := range 40 {
				v := register(100+n, mapping.TypeUint16)
				v.ScaleBy = mapping.PlaceOf(mapping.Address{Table: mapping.Holding, Number: 145})
				tags = append(tags, v)
			}
			link, err := NewLink(LinkOptions{Transport: "tcp", Address: inverter(t), Timeout: long, Now: time.Now})
			if err != nil {
				t.Fatal(err)
			}
			if err := link.Open(t.Context()); err != nil {
				t.Fatal(err)
			}
			defer link.Close()
			job := &drivers.Job{
				Device: &drivers.Device{Name: "pv", Timeout: long, Retries: 1},
				Group:  &mapping.Group{Series: make([]*mapping.Series, len(tags))},
				Work:   planOf(limits, tags...),
			}
			good := 0
			for range scaleFactorRounds {
				var b mapping.Batch
				if err := drivers.ReadOnce(t.Context(), link, job, &b); err != nil {
					t.Fatal(err)
				}
				for _, s := range b.Samples {
					if s.Index < 2 || s.Quality != mapping.Good {
						continue
					}
					good++
					if v := math.Float64frombits(s.Bits); v != float64(s.Index-1) {
						t.Fatalf("value %d = %v", s.Index-1, v)
					}
				}
			}
			if good != 40*scaleFactorRounds {
				t.Errorf("%d good values of %d", good, 40*scaleFactorRounds)
			}
		})
	}
}

const scaleFactorRounds = 1000

// TestScaleByIsOneRequest has value and exponent asked for together, over whatever is between them, and too far apart not at all.
func TestScaleByIsOneRequest(t *testing.T) {
	far := func(number, by int) *mapping.Tag {
		v := register(number, mapping.TypeUint32)
		v.ScaleBy = mapping.PlaceOf(mapping.Address{Table: mapping.Holding, Number: uint16(by)})
		return v
	}
	for _, c := range []struct {
		tags []*mapping.Tag
		want string
	}{
		{[]*mapping.Tag{far(0, 2)}, "3:0+3"},
		{[]*mapping.Tag{far(10, 0)}, "3:0+12"},
		{[]*mapping.Tag{far(0, 124)}, "3:0+125"},
		{[]*mapping.Tag{far(0, 125)}, ""},
		{[]*mapping.Tag{far(0, 100), far(60, 160)}, "3:0+101, 3:60+101"},
	} {
		if got := requests(planOf(Limits{}, c.tags...)); got != c.want {
			t.Errorf("%v: %s, want %s", c.tags[0].Address, got, c.want)
		}
	}
}
