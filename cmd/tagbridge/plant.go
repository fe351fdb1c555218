package main

import (
	"context"
	"errors"
	"net"
	"strconv"
	"sync"

	"tagbridge/mapping/cause"
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
		if err := protocolOf(c.Devices[0]).simulate(p, c, at); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// listener finds an address for each server.
type listener struct {
	next      int // port of 127.0.0.1 to try next; 0: ports the system gives
	ports     portMap
	elsewhere bool // a device's own address that is taken is no obstacle: it is served at another one
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
		if err == nil || l.next == 0 || l.next > 65535 || !cause.Taken(err) {
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
