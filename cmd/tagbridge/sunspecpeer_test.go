package main

import (
	"math"
	"testing"

	"tagbridge/mapping"
	"tagbridge/mapping/sunspec"
	"tagbridge/testrig"
	"tagbridge/testrig/plc"
)

// sunspecPeer is a software PLC whose registers are those of SunSpec models.
type sunspecPeer struct {
	t      *testing.T
	unit   *plc.Unit
	at     int            // where the next model begins
	places map[string]int // of points, by MODEL/POINT
	whole  bool           // values are given whole only
}

func newSunspecPeer(t *testing.T, base int) *sunspecPeer {
	p := &sunspecPeer{t: t, unit: plc.NewUnit(plc.UnitOptions{}), at: base, places: map[string]int{}}
	p.put(0x5375, 0x6E53)
	return p
}

// put adds registers.
func (p *sunspecPeer) put(words ...uint16) {
	p.t.Helper()
	if err := p.unit.Set(mapping.Holding, p.at, words...); err != nil {
		p.t.Fatal(err)
	}
	p.at += len(words)
}

func (p *sunspecPeer) end() { p.put(0xFFFF, 0) }

// model adds one whose points are 1, or text, or as in values, and whose length is that of its points, or another.
func (p *sunspecPeer) model(m *sunspec.Model, length int, values map[string]float64) {
	p.t.Helper()
	first := p.at + 2
	var words []uint16
	for _, point := range m.Points[2:] {
		v, given := values[point.Name]
		if !given {
			v = 1
		}
		p.places[m.Name+"/"+point.Name] = first + len(words)
		if point.Registers > 1 && p.whole {
			p.unit.KeepWhole(mapping.Holding, first+len(words), point.Registers)
		}
		words = append(words, wordsOf(&point, v)...)
	}
	if length < 0 {
		length = len(words)
	}
	p.put(uint16(m.ID), uint16(length))
	p.put(words[:min(length, len(words))]...)
}

// wordsOf are the registers of a point.
func wordsOf(p *sunspec.Point, v float64) []uint16 {
	bits := uint64(int64(v))
	switch p.Type {
	case "float32":
		bits = uint64(math.Float32bits(float32(v)))
	case "string":
		words := make([]uint16, p.Registers)
		words[0] = 'A'<<8 | 'b'
		return words
	}
	words := make([]uint16, p.Registers)
	for i := range words {
		words[len(words)-1-i] = uint16(bits >> (16 * i))
	}
	return words
}

// serve serves it as a unit; others are not there.
func (p *sunspecPeer) serve(unit int) (url string) {
	return "tcp://" + testrig.Modbus(p.t, "tcp", plc.ServerOptions{Units: map[int]*plc.Unit{unit: p.unit}}).Addr()
}
