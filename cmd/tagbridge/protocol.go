package main

import (
	"strings"

	"tagbridge/mapping"
	"tagbridge/mapping/config"
)

// A protocol is what the verbs know of a driver, beside what its plans say of themselves (see drivers.Adviser). Only
// modbus.go and opcua.go, which hold one each, and the verbs of one protocol know which there are.
type protocol interface {
	// tag is the one of d that an argument of read means.
	tag(d *config.Device, arg string) (*mapping.Tag, error)
	// simulate opens software PLCs that answer like the devices of c.
	simulate(p *plant, c config.Connection, at *listener) error
	// bytes is about how many a value of t takes in the journal, where numbers are as long as they need to be.
	bytes(t *mapping.Tag) float64
}

// A ranger is a protocol of which one argument of read can stand for several values.
type ranger interface {
	// expand is arg as an argument for each.
	expand(d *config.Device, arg string) ([]string, error)
}

// A needer is a protocol whose values come from other devices.
type needer interface {
	// needs are what has to be read of cfg before d can be, in this order.
	needs(cfg *config.Config, d *config.Device) []config.Connection
}

// namedProtocol is a protocol with what it is known by.
type namedProtocol struct {
	driver string // its name in a configuration
	scheme string // of the addresses that are its alone; "": none
	some   string // an address that a tag of any device may have
	protocol
}

// protocols are those that there are; the first is that of an address that names none.
var protocols = []namedProtocol{
	{"modbus", "", "holding:0", modbusProtocol{}},
	{"opcua", "opc.tcp:", "i=2258", opcuaProtocol{}},
	{"derived", "", "", derivedProtocol{}},
}

// protocolOf is that of d.
func protocolOf(d *config.Device) protocol {
	for _, p := range protocols {
		if p.driver == d.Driver {
			return p.protocol
		}
	}
	return nil // it is checked
}

// bareDevice is a device of a configuration with nothing but the address and, unless it is negative, the unit.
func bareDevice(target string, unit int) map[string]any {
	p := protocols[0]
	for _, other := range protocols {
		if other.scheme != "" && strings.HasPrefix(target, other.scheme) {
			p = other
		}
	}
	d := map[string]any{
		"name": "target", "driver": p.driver, "url": target,
		"tags": []any{map[string]any{"tag": "any", "address": p.some}},
	}
	if unit >= 0 {
		d["unit_id"] = unit
	}
	return d
}
