package plc

import (
	"time"

	"tagbridge/mapping"
)

// Mover is the plausible value of one tag over time, for simulated devices that are no Modbus units. It is immutable.
type Mover struct {
	signal signal
	typ    mapping.Type
}

// NewMover chooses how the value of t moves, in raw units. A tag without a type is a float64, or an int32 when it has
// the texts of an enumeration.
func NewMover(t *mapping.Tag, seed uint64) *Mover {
	typed, traits := *t, *t.Traits
	typed.Traits = &traits
	typed.Address = mapping.Address{Table: mapping.Holding} // which type it has does not hang on a table
	switch {
	case t.Type == mapping.TypeAuto && len(t.Enum) > 0:
		typed.Type = mapping.TypeInt32
	case t.Type == mapping.TypeAuto:
		typed.Type = mapping.TypeFloat64
	case t.Type == mapping.TypeString && t.Length == 0:
		typed.Length = 20
	}
	return &Mover{signal: signalOf(&typed, splitmix(seed), &UnitOptions{}), typ: typed.Type}
}

// splitmix spreads seeds that follow each other.
func splitmix(x uint64) uint64 { return uint64(unit(x)*(1<<53)) * 0x9E3779B97F4A7C15 }

// Type is the type of the value, never TypeAuto.
func (m *Mover) Type() mapping.Type { return m.typ }

// Number is the value at t of every type but TypeString; of a bool 0 or 1.
func (m *Mover) Number(t time.Time) float64 { return m.signal.at(momentAt(t)) }

// Text is the value at t of a TypeString.
func (m *Mover) Text(t time.Time) string { return m.signal.text(momentAt(t)) }

func momentAt(t time.Time) moment {
	return moment{seconds: float64(t.UnixMilli()) / 1e3, tick: uint64(t.UnixMilli() / 100)}
}
