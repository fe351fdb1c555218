package plc

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"tagbridge/mapping"
)

// parts are the tags of one register in every order: bits, bytes and the word.
func parts(number uint16) []*mapping.Tag {
	var tags []*mapping.Tag
	for order := mapping.ABCD; order <= mapping.DCBA; order++ {
		at := mapping.Address{Table: mapping.Holding, Number: number + uint16(order)}
		add := func(typ mapping.Type, part mapping.Part, bit uint8) {
			at.Part, at.Bit = part, bit
			tags = append(tags, &mapping.Tag{Name: fmt.Sprint(typ, part, bit), Address: at, Traits: &mapping.Traits{Type: typ, Order: order}})
		}
		for bit := range uint8(16) {
			add(mapping.TypeBool, mapping.Bit, bit)
		}
		for _, part := range []mapping.Part{mapping.HiByte, mapping.LoByte} {
			add(mapping.TypeUint8, part, 0)
			add(mapping.TypeInt8, part, 0)
		}
		add(mapping.TypeBool, mapping.Whole, 0)
	}
	return tags
}

// bridgeValue is what mapping makes of the registers of t, in the form of Value.
func bridgeValue(m *image, t *mapping.Tag) Value {
	var b mapping.Batch
	var s mapping.Sample
	c := mapping.Compile(t)
	c.Registers(m.find(t.Address.Table, int(t.Address.Number), t.Registers()), &b, &s)
	v := Value{Quality: s.Quality}
	switch s.Kind {
	case mapping.None:
	case mapping.Bool:
		v.Kind, v.Text = Bool, fmt.Sprint(s.Bits == 1)
	case mapping.Text:
		v.Kind, v.Text = String, string(b.Text(&s))
	default:
		v.Kind, v.Text = Integer, string(mapping.AppendNumber(nil, &s, c.Exp()))
		if s.Kind.IsFloat() {
			v.Kind = Float
		}
	}
	return v
}

// compare reports where the bridge and the rig read different things from the same registers.
func compare(t *testing.T, u *Unit, tag *mapping.Tag) {
	t.Helper()
	want, got := u.Expected(tag), bridgeValue(u.image, tag)
	if want.Kind == Float && got.Kind == Float { // the form of an exponent may differ, the number may not
		var a, b float64
		fmt.Sscan(want.Text, &a)
		fmt.Sscan(got.Text, &b)
		if a == b {
			got.Text = want.Text
		}
	}
	want.Number, want.Enum = 0, ""
	if got != want {
		raw := u.image.find(tag.Address.Table, int(tag.Address.Number), tag.Registers())
		t.Errorf("%s %v %v %+v of %x: the bridge has %+v, the rig %+v", tag.Name, tag.Type, tag.Order, tag.Scaling, raw, got, want)
	}
}

// TestBridgeAgrees crosses the rig's own encoding and arithmetic with the bridge's: for values that move, and for
// registers full of chance.
func TestBridgeAgrees(t *testing.T) {
	tags := assorted()
	last := tags[len(tags)-1]
	tags = append(tags, parts(last.Address.Number+uint16(last.Registers()))...)
	c := newClock()
	u := NewUnit(UnitOptions{Tags: tags, Clock: c.time})
	for range 50 {
		c.now = c.now.Add(11 * time.Second)
		u.refresh(c.now)
		for _, tag := range tags {
			compare(t, u, tag)
		}
		if t.Failed() {
			return
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		data := u.image[mapping.Holding][0].data
		for i := range data {
			data[i] = byte(r.Uint32() >> (8 * r.IntN(4)) & 0xFF)
		}
		for _, tag := range tags {
			compare(t, u, tag)
		}
		if t.Failed() {
			return
		}
	}
}
