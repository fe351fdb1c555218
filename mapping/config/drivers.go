package config

import (
	"strings"

	"tagbridge/mapping/source"
)

// driver is what the configuration knows of one. What its tags are, tagmap has in a table of its own.
type driver struct {
	name    string
	article string   // a device of it in messages: "a Modbus"
	schemes []string // of its URLs
	keys    []string // that no device of another driver has
	read    func(s *source.Section, dev *Device)
	check   func(r *readDevice) // what shows only when its tags are read; nil: nothing
}

// drivers are all that there are; the first is that of a device which names none.
func drivers() []driver {
	return []driver{
		{
			name: "modbus", article: "a Modbus", schemes: transportNames, keys: modbusKeys,
			read: readModbus, check: checkRequests,
		},
		{
			name: "opcua", article: "an OPC UA", schemes: []string{opcScheme}, keys: opcuaKeys,
			read: readOPCUA,
		},
		{
			name: "derived", article: "a derived", keys: derivedKeys,
			read: readDerived,
		},
	}
}

// Drivers are the names of all drivers.
func Drivers() []string {
	var names []string
	for _, d := range drivers() {
		names = append(names, d.name)
	}
	return names
}

// readDriver reads which driver a device has.
func readDriver(s *source.Section) driver { return driverNamed(s.OneOf("driver", Drivers()...)) }

// driverNamed is the driver of that name, which is one.
func driverNamed(name string) driver {
	list := drivers()
	for _, d := range list {
		if d.name == name {
			return d
		}
	}
	return list[0]
}

// foreignKeys reports keys that are for devices of other drivers than d.
func (d driver) foreignKeys(s *source.Section) {
	for _, other := range drivers() {
		if other.name != d.name {
			s.Foreign("devices with driver "+other.name, other.keys...)
		}
	}
}

// otherAddress says whose address a URL with that scheme is, when it is one of another driver's than own; "" else.
func otherAddress(scheme, own string) string {
	for _, d := range drivers() {
		for _, s := range d.schemes {
			if d.name != own && strings.EqualFold(s, scheme) {
				return d.article + " address: set driver: " + d.name
			}
		}
	}
	return ""
}
