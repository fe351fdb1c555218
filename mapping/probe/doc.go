// Package probe finds where a device keeps what its display shows: every address, type, order and scale under which
// registers that were read give the number, ranked, narrowed by further readings. Without a number it says what registers
// look like. It works on what was read (mapping/dump), and does no I/O.
//
// It is honest about what it knows: Certain is said of a place only when nothing else fits several readings that moved; a
// look is never more than likely.
package probe
