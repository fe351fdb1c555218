package main

import (
	"context"
	"fmt"
	"hash/fnv"

	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/testrig/plc"
)

// simulate implements protocol: one server of all units.
func (modbusProtocol) simulate(p *plant, c config.Connection, at *listener) error {
	o := plc.ServerOptions{Units: map[int]*plc.Unit{}}
	tags := map[int][]*mapping.Tag{}
	gap := 0
	for _, d := range c.Devices {
		tags[d.Modbus.UnitID] = append(tags[d.Modbus.UnitID], mapping.WithoutComputed(d.Tags)...)
		gap = max(gap, d.Modbus.MaxGap)
	}
	for id, list := range tags {
		o.Units[id] = plc.NewUnit(plc.UnitOptions{Tags: list, MaxGap: gap, Seed: seed(c.Key, id)})
	}
	url, err := p.openUnits(c, o, at)
	if err != nil {
		return fmt.Errorf("simulate device %s: %w", c.Devices[0].Name, err)
	}
	for _, d := range c.Devices {
		p.devices = append(p.devices, simulated{name: d.Name, url: url, unit: fmt.Sprintf("unit %d", d.Modbus.UnitID)})
		p.urls[d.Name] = url
		p.units[d.Name] = o.Units[d.Modbus.UnitID]
		p.switches[d.Name] = modbusUnit{d.Name, o.Units[d.Modbus.UnitID]}
	}
	return nil
}

// openUnits makes a server of o's units and returns its URL.
func (p *plant) openUnits(c config.Connection, o plc.ServerOptions, at *listener) (url string, err error) {
	if isFramed(c.Transport) {
		return p.openLine(c, o.Units, at)
	}
	network, s, err := at.listen(c.Endpoint, o)
	if err != nil {
		return "", err
	}
	p.servers = append(p.servers, s)
	return network + "://" + s.Addr(), nil
}

// seed lets devices with equal maps show different values, the same ones each time.
func seed(endpoint string, unit int) uint64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s %d", endpoint, unit)
	return h.Sum64()
}

// listen serves o at the endpoint's own address when that is on loopback, else at the next free port of 127.0.0.1.
func (l *listener) listen(e config.Endpoint, o plc.ServerOptions) (network string, s *plc.Server, err error) {
	network = "tcp"
	if e.Transport == "udp" {
		network = "udp"
	}
	err = l.find(e.Address, e.Transport == network, func(address string) error {
		s, err = plc.Listen(network, address, o)
		return err
	})
	return network, s, err
}

// modbusUnit is a device that falls silent when it is switched off.
type modbusUnit struct {
	device string
	unit   *plc.Unit
}

// turn implements switchable.
func (u modbusUnit) turn(_ context.Context, on bool) string {
	u.unit.ClearFaults()
	if on {
		return u.device + " answers again: its tags are Good within 20 s, as the line asks a silent unit ever more rarely"
	}
	u.unit.Inject(plc.Fault{Kind: plc.Silence})
	return u.device + " answers no more: its tags turn BadTimeout once, the others go on in time"
}
