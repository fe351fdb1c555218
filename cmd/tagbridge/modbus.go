package main

import (
	"errors"
	"strings"

	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/mapping/tagmap"
)

// modbusProtocol is Modbus to the verbs.
type modbusProtocol struct{}

// tag implements protocol: ADDRESS[,TYPE[,ORDER]].
func (modbusProtocol) tag(d *config.Device, arg string) (*mapping.Tag, error) {
	parts := strings.Split(arg, ",")
	if len(parts) > 3 {
		return nil, errors.New("more than ADDRESS,TYPE,ORDER")
	}
	cells := map[string]string{"tag": "t"}
	for i, column := range []string{"address", "type", "order"}[:len(parts)] {
		cells[column] = parts[i]
	}
	return tagmap.Tag(d.Defaults(), cells)
}

// bytes implements protocol.
func (modbusProtocol) bytes(t *mapping.Tag) float64 {
	switch {
	case t.Type == mapping.TypeDatetime:
		return 26
	case t.Type.IsText():
		return float64(t.Length + 1)
	case t.Scaled() && t.Registers() <= 1:
		return 2.7
	case t.Scaled():
		return 5
	case t.Type == mapping.TypeBool || t.Address.Table.IsBits() || t.Address.Part == mapping.Bit:
		return 1
	case t.Type == mapping.TypeFloat32 || t.Type == mapping.TypeFloat16:
		return 4
	case t.Registers() <= 1:
		return 2.5
	case t.Registers() == 2:
		return 4.5
	}
	return 8
}
