package modbus

import (
	"fmt"
	"strings"

	"tagbridge/mapping"
)

// Advice implements drivers.Adviser: what to look at when a tag cannot be read for the first time, unless the reason says
// so.
func (p *Plan) Advice(index int, q mapping.Quality, reason string) string {
	if strings.ContainsAny(reason, ";?") {
		return ""
	}
	switch q {
	case mapping.BadTimeout, mapping.BadNoCommunication:
		return "; is the unit on, and is unit_id right?"
	case mapping.BadConfigurationError:
		return "; is the address right? " + meant(p.tags[index].Address)
	}
	return ""
}

// meant is which other register a manual may mean that prints the number of a.
func meant(a mapping.Address) string {
	if number, wire, ok := a.AsPrinted(); ok {
		return fmt.Sprintf("If the manual's %d is the number on the wire, write %s; it may also count from 0: %s:%d", number, wire, a.Table, int(a.Number)+1)
	}
	return "What a manual calls 40001 may be holding:0 or holding:1"
}
