package main

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net"
	"strconv"
	"sync"
	"syscall"

	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/testrig/plc"
)

// plant is the devices of a configuration as software PLCs: one server an endpoint, one unit a unit id.
type plant struct {
	servers  []served
	devices  []simulated // in the order of the configuration
	urls     map[string]string
	units    map[string]*plc.Unit  // of Modbus, by device
	switches map[string]switchable // by device
}

// served is a software PLC of any kind.
type served interface{ Serve(context.Context) error }

// switchable is a device that can be made to fail. It says what to look for.
type switchable interface {
	turn(ctx context.Context, on bool) string
}

type simulated struct {
	name, url string
	unit      string // "unit 1", or nothing where there are none
}

// openPlant takes the addresses of all devices: the device's own where that is on loopback, else 127.0.0.1 from port
// up (0: ports the system gives). Nothing is served before serve.
func openPlant(cfg *config.Config, port int, ports portMap) (*plant, error) {
	if err := ports.check(cfg); err != nil {
		return nil, err
	}
	return openPlantAt(cfg, &listener{next: port, ports: ports})
}

func openPlantAt(cfg *config.Config, at *listener) (*plant, error) {
	p := &plant{urls: map[string]string{}, units: map[string]*plc.Unit{}, switches: map[string]switchable{}}
	for _, c := range cfg.Connections() {
		open := p.open
		if c.Devices[0].Driver == "opcua" {
			open = p.openOPCUA
		}
		if err := open(c, at); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// open makes one server of the devices of one endpoint.
func (p *plant) open(c config.Connection, at *listener) error {
	o := plc.ServerOptions{Units: map[int]*plc.Unit{}}
	tags := map[int][]*mapping.Tag{}
	gap := 0
	for _, d := range c.Devices {
		tags[d.UnitID] = append(tags[d.UnitID], d.Tags...)
		gap = max(gap, d.MaxGap)
	}
	for id, list := range tags {
		o.Units[id] = plc.NewUnit(plc.UnitOptions{Tags: list, MaxGap: gap, Seed: seed(c.Key, id)})
	}
	url, err := p.openUnits(c, o, at)
	if err != nil {
		return fmt.Errorf("simulate device %s: %w", c.Devices[0].Name, err)
	}
	for _, d := range c.Devices {
		p.devices = append(p.devices, simulated{name: d.Name, url: url, unit: fmt.Sprintf("unit %d", d.UnitID)})
		p.urls[d.Name] = url
		p.units[d.Name] = o.Units[d.UnitID]
		p.switches[d.Name] = modbusUnit{d.Name, o.Units[d.UnitID]}
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

// listener finds an address for each server.
type listener struct {
	next      int // port of 127.0.0.1 to try next; 0: ports the system gives
	ports     portMap
	elsewhere bool // a device's own address that is taken is no obstacle: it is served at another one
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

// find calls try with the address own, if that is on loopback and may be used, else with free ones of 127.0.0.1.
func (l *listener) find(own string, usable bool, try func(address string) error) error {
	if onLoopback(own) && usable {
		if err := try(own); err == nil || !l.elsewhere {
			return err
		}
	}
	for {
		err := try(net.JoinHostPort("127.0.0.1", strconv.Itoa(l.next)))
		if l.next > 0 {
			l.next++
		}
		if err == nil || l.next == 0 || l.next > 65535 || !errors.Is(err, syscall.EADDRINUSE) {
			return err
		}
	}
}

func onLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// serve answers until ctx ends.
func (p *plant) serve(ctx context.Context) error {
	var all sync.WaitGroup
	failed := make([]error, len(p.servers))
	for i, s := range p.servers {
		all.Go(func() { failed[i] = s.Serve(ctx) })
	}
	all.Wait()
	return errors.Join(failed...)
}
