package modbus

import (
	"fmt"

	"tagbridge/mapping"
)

// request is one read as it goes over the wire.
type request struct {
	unit     uint8
	function uint8
	address  uint16
	count    uint16 // registers or bits
	wide     bool   // registers of four bytes
}

// The functions that read (application protocol V1.1b3, 6.1 to 6.4).
const (
	readCoils    = 1
	readDiscrete = 2
	readHolding  = 3
	readInput    = 4
)

// functions are the functions that read the tables, by mapping.Table.
var functions = [...]uint8{
	mapping.Coil:     readCoils,
	mapping.Discrete: readDiscrete,
	mapping.Input:    readInput,
	mapping.Holding:  readHolding,
}

// tables are the tables that the functions read, by function.
var tables = [...]mapping.Table{
	readCoils:    mapping.Coil,
	readDiscrete: mapping.Discrete,
	readHolding:  mapping.Holding,
	readInput:    mapping.Input,
}

// isBits reports functions that read single bits.
func isBits(function uint8) bool { return function <= readDiscrete }

// size is how many bytes answer r: registers of two or four, or bits packed into bytes.
func (r request) size() int {
	if isBits(r.function) {
		return (int(r.count) + 7) / 8
	}
	return int(r.count) << r.shift()
}

// shift is how often a number of r's registers is doubled to be one of bytes.
func (r request) shift() int { return shiftOf(r.wide) }

func shiftOf(wide bool) int {
	if wide {
		return 2
	}
	return 1
}

// String is what was asked, as "unit 1, function 3, holding 99-104".
func (r request) String() string {
	s := fmt.Sprintf("unit %d, function %d, %s %d", r.unit, r.function, tables[r.function], r.address)
	if r.count > 1 {
		s += fmt.Sprintf("-%d", int(r.address)+int(r.count)-1)
	}
	return s
}
