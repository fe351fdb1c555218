package modbus

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"tagbridge/drivers"
	"tagbridge/mapping"
	"tagbridge/testrig/plc"
)

// wideTag is a tag of a device whose registers answer with four bytes.
func wideTag(number int, typ string, o mapping.Order) *mapping.Tag {
	t := register(number, mapping.TypeAuto)
	var err error
	if t.Type, t.Length, err = mapping.ParseType(typ); err != nil {
		panic(err)
	}
	t.Order, t.Wide = o, true
	return t
}

// wideJob reads tags at addr over transport.
func wideJob(t *testing.T, transport, addr string, l Limits, tags ...*mapping.Tag) (drivers.Link, *drivers.Job) {
	t.Helper()
	link, err := NewLink(LinkOptions{Transport: transport, Address: addr, Timeout: long})
	if err != nil {
		t.Fatal(err)
	}
	if err := link.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { link.Close() })
	return link, &drivers.Job{
		Device: &drivers.Device{Name: "meter", Timeout: long},
		Group:  &mapping.Group{Series: make([]*mapping.Series, len(tags))},
		Work:   planOf(l, tags...),
	}
}

// TestRegistersOfFourBytes reads what a meter gives for one register, or two, in the orders in which its bytes come.
func TestRegistersOfFourBytes(t *testing.T) {
	by := wideTag(40, "int32", mapping.ABCD)
	by.ScaleBy = mapping.PlaceOf(mapping.Address{Table: mapping.Holding, Number: 42})
	swapped := wideTag(44, "uint16", mapping.DCBA)
	swapped.ScaleBy = mapping.PlaceOf(mapping.Address{Table: mapping.Holding, Number: 45})
	part := func(typ string, p mapping.Part, bit uint8) *mapping.Tag {
		v := wideTag(30, typ, mapping.ABCD)
		v.Address.Part, v.Address.Bit = p, bit
		return v
	}
	for _, c := range []struct {
		tag       *mapping.Tag
		registers []uint32
		want      string
	}{
		{wideTag(0x26, "uint32", mapping.ABCD), []uint32{1234605}, "1234605"}, // JANZ: 1 register asked, 07 01 04 04 answered
		{wideTag(0, "uint32", mapping.CDAB), []uint32{0xD6AD0012}, "1234605"},
		{wideTag(0, "uint32", mapping.BADC), []uint32{0x1200ADD6}, "1234605"},
		{wideTag(0, "uint32", mapping.DCBA), []uint32{0xADD61200}, "1234605"},
		{wideTag(0, "int32", mapping.ABCD), []uint32{0xFFFFFFFE}, "-2"},
		{wideTag(0, "float32", mapping.ABCD), []uint32{0x41B8CCCD}, "23.1"},
		{wideTag(0, "float32", mapping.CDAB), []uint32{0xCCCD41B8}, "23.1"},
		{wideTag(0, "uint16", mapping.ABCD), []uint32{0x000008E5}, "2277"},
		{wideTag(0, "uint16", mapping.CDAB), []uint32{0x08E50000}, "2277"},
		{wideTag(0, "uint16", mapping.DCBA), []uint32{0xE5080000}, "2277"},
		{wideTag(0, "int16", mapping.ABCD), []uint32{0xFFFFFFF6}, "-10"},
		{wideTag(0, "int8", mapping.ABCD), []uint32{0x000000F6}, "-10"},
		{wideTag(0, "uint24", mapping.ABCD), []uint32{0x00123456}, "1193046"},
		{wideTag(0, "float16", mapping.ABCD), []uint32{0x00003C00}, "1"},
		{wideTag(0, "bcd32", mapping.ABCD), []uint32{0x00123456}, "123456"},
		{wideTag(0, "sm32", mapping.ABCD), []uint32{0x80000005}, "-5"},
		{wideTag(0, "bool", mapping.ABCD), []uint32{0x00010000}, "true"},
		{wideTag(0, "uint64", mapping.ABCD), []uint32{1, 2}, "4294967298"},
		{wideTag(0, "uint64", mapping.CDAB), []uint32{0x00020000, 0x00010000}, "4294967298"},
		{wideTag(0, "int48", mapping.ABCD), []uint32{0x0000FFFF, 0xFFFFFFFF}, "-1"},
		{wideTag(0, "float64", mapping.ABCD), []uint32{0x4037199A, 0}, "23.100006103515625"},
		{wideTag(0, "string:7", mapping.ABCD), []uint32{0x4A414E5A, 0x33384100}, "JANZ38A"},
		{wideTag(0, "string:4", mapping.BADC), []uint32{0x414A5A4E}, "JANZ"},
		{wideTag(0, "datetime:epoch", mapping.ABCD), []uint32{1_700_000_000}, "2023-11-14T22:13:20Z"},
		{by, []uint32{1234605, 0, 0xFFFFFFFD}, "1234.605"},
		{swapped, []uint32{0xE5080000, 0xFFFF0000}, "227.7"},
		{part("bool", mapping.Bit, 3), []uint32{8}, "true"},
		{part("uint8", mapping.HiByte, 0), []uint32{0x1234}, "18"},
		{part("uint8", mapping.LoByte, 0), []uint32{0x1234}, "52"},
		{part("bits:20", mapping.Bit, 8), []uint32{0x12345678}, "144470"},
	} {
		u, addr := servePLC(t, nil)
		first, count := c.tag.Span()
		if err := u.SetWide(mapping.Holding, first, c.registers...); err != nil {
			t.Fatal(err)
		}
		link, job := wideJob(t, "tcp", addr, Limits{Wide: true}, c.tag)
		var b mapping.Batch
		if err := drivers.ReadOnce(t.Context(), link, job, &b); err != nil {
			t.Errorf("%s %v: %v", c.tag.TypeText(), c.tag.Order, err)
			continue
		}
		s := &b.Samples[0]
		got := s.Quality.String()
		switch {
		case s.Kind == mapping.Text:
			got = string(b.Text(s))
		case !s.Quality.IsBad():
			got = valueText(s, mapping.Compile(c.tag))
		}
		if asked := u.Requests()[0]; got != c.want || int(asked.Count) != count || count != len(c.registers) {
			t.Errorf("%s %v: %s, want %s, of %d registers asked for, want %d", c.tag.TypeText(), c.tag.Order, got, c.want, asked.Count, len(c.registers))
		}
		if raw := job.Work.Raw(nil, 0); len(raw) != 4*c.tag.Registers() {
			t.Errorf("%s: raw %x, want %d registers", c.tag.TypeText(), raw, c.tag.Registers())
		}
	}
}

// TestWideAgainstPLC reads tags of all types in all orders from one device, whose answers are made by another table, in as
// many requests as the protocol allows.
func TestWideAgainstPLC(t *testing.T) {
	var tags []*mapping.Tag
	at := 0
	for _, name := range []string{
		"int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16", "float32", "float64", "bcd8", "bcd16", "bcd32",
		"int24", "uint24", "int48", "uint48", "sm16", "sm32", "bits:5", "bits:30", "bool", "string:9", "datetime:epoch", "datetime:epoch_ms",
	} {
		for o := mapping.ABCD; o <= mapping.DCBA; o++ {
			v := wideTag(at, name, o)
			tags = append(tags, v)
			at += v.Registers()
		}
	}
	u := plc.NewUnit(plc.UnitOptions{Tags: tags, Every: 1})
	server, err := plc.Listen("tcp", "127.0.0.1:0", plc.ServerOptions{Units: map[int]*plc.Unit{1: u}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() { server.Serve(ctx) })
	t.Cleanup(func() { cancel(); serving.Wait() })
	link, job := wideJob(t, "tcp", server.Addr(), Limits{Wide: true, MaxGap: 16}, tags...)
	for range 20 {
		u.Freeze()
		var b mapping.Batch
		if err := drivers.ReadOnce(t.Context(), link, job, &b); err != nil {
			t.Fatal(err)
		}
		for i := range b.Samples {
			s := &b.Samples[i]
			tag := tags[s.Index]
			got := ""
			if s.Kind == mapping.Text {
				got = string(b.Text(s))
			} else if !s.Quality.IsBad() {
				got = valueText(s, mapping.Compile(tag))
			}
			if want := u.Expected(tag); got != want.Text || s.Quality.Base() != want.Quality.Base() {
				t.Errorf("%s %v = %q %v, want %q %v", tag.TypeText(), tag.Order, got, s.Quality, want.Text, want.Quality)
			}
		}
		u.Thaw()
	}
	for _, r := range u.Requests() {
		if r.Count > 62 {
			t.Errorf("asked for %d registers at once, which do not fit one answer", r.Count)
		}
	}
}

// TestWidePlan joins registers of four bytes up to what one answer holds.
func TestWidePlan(t *testing.T) {
	var tags []*mapping.Tag
	for n := range 130 {
		tags = append(tags, wideTag(n, "uint32", mapping.ABCD))
	}
	if got := requests(planOf(Limits{Wide: true}, tags...)); got != "3:0+62, 3:62+62, 3:124+6" {
		t.Errorf("%s", got)
	}
	if got := requests(planOf(Limits{Wide: true, MaxRegisters: 125}, wideTag(0, "string:250", mapping.ABCD))); got != "" {
		t.Errorf("63 registers of four bytes are asked for: %s", got)
	}
}

// TestWrongWidthIsNamed has a device answer with two bytes for each register where four were asked for, and the other way
// round: the error says what to change.
func TestWrongWidthIsNamed(t *testing.T) {
	for _, transport := range []string{"tcp", "rtuovertcp", "asciiovertcp"} {
		for _, wide := range []bool{false, true} {
			t.Run(fmt.Sprint(transport, wide), func(t *testing.T) {
				u, addr := servePLC(t, nil)
				if transport != "tcp" {
					addr = serveLine(t, transport, u)
				}
				var err error
				tag, want := register(0, mapping.TypeUint16), "4 bytes of data instead of 2; the device answers with 4 bytes for each register: set register_bytes: 4"
				if wide {
					tag, want = wideTag(0, "uint32", mapping.ABCD), "2 bytes of data instead of 4; the device answers with 2 bytes for each register: leave out register_bytes: 4"
					err = u.Set(mapping.Holding, 0, 1)
				} else {
					err = u.SetWide(mapping.Holding, 0, 1)
				}
				if err != nil {
					t.Fatal(err)
				}
				link, job := wideJob(t, transport, addr, Limits{Wide: wide}, tag)
				job.Device.Timeout = short
				var b mapping.Batch
				err = drivers.ReadOnce(t.Context(), link, job, &b)
				n, ok := errors.AsType[*drivers.NoAnswer](err)
				if !ok || n.Quality != mapping.BadCommunicationError || !strings.Contains(err.Error(), want) {
					t.Errorf("%v, want %q", err, want)
				}
			})
		}
	}
}

// serveLine serves unit 1 over a framing of lines on a socket.
func serveLine(t *testing.T, transport string, u *plc.Unit) string {
	t.Helper()
	framing, network, _ := strings.Cut(transport, "over")
	l, err := plc.ListenLine(network, "127.0.0.1:0", plc.LineOptions{ASCII: framing == "ascii", Units: map[int]*plc.Unit{1: u}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() { l.Serve(ctx) })
	t.Cleanup(func() { cancel(); serving.Wait() })
	return l.Addr()
}
