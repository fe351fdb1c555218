package modbus

import "tagbridge/mapping"

// Limits is what a device takes in one request, and who answers it. Zero values of MaxRegisters and MaxBits are the protocol's own.
type Limits struct {
	MaxRegisters int  // at most 125
	MaxBits      int  // at most 2000
	MaxGap       int  // registers read to join two blocks; sixteen times as many bits
	Single       bool // one value a request: the device refuses blocks
	Function     int  // 1 to 4: reads the tables of bits (1, 2) or of registers (3, 4) instead of their own; 0: none
	Accept       Accept
	Wide         bool // each register answers with four bytes
}

// The most that one answer holds (application protocol V1.1b3, 6.1 and 6.3).
const (
	protocolRegisters = 125
	protocolWide      = 62 // registers of four bytes
	protocolBits      = 2000
	bitsPerRegister   = 16
)

// of is the most that one request of function may ask for, and the widest gap it may read over.
func (l Limits) of(function uint8) (most, gap int) {
	if isBits(function) {
		return within(l.MaxBits, protocolBits), l.MaxGap * bitsPerRegister
	}
	if l.Wide {
		return within(l.MaxRegisters, protocolWide), l.MaxGap
	}
	return within(l.MaxRegisters, protocolRegisters), l.MaxGap
}

// function is the one that reads table.
func (l Limits) function(table mapping.Table) uint8 {
	if f := uint8(l.Function); f != 0 && isBits(f) == table.IsBits() {
		return f
	}
	return functions[table]
}

// within is n where that is from 1 to most, else most.
func within(n, most int) int {
	if n < 1 || n > most {
		return most
	}
	return n
}
