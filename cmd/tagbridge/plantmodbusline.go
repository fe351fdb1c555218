package main

import (
	"cmp"
	"fmt"
	"net/url"
	"strconv"

	"tagbridge/drivers/modbus"
	"tagbridge/mapping/config"
	"tagbridge/testrig/plc"
)

// isFramed reports transports whose frames stand on a serial line, or go to one as they are.
func isFramed(transport string) bool {
	switch transport {
	case "rtu", "ascii", "rtuovertcp", "rtuoverudp", "asciiovertcp":
		return true
	}
	return false
}

// openLine makes a line with the units of one connection on it, as fast as the real one would be.
func (p *plant) openLine(c config.Connection, units map[int]*plc.Unit, at *listener) (address string, err error) {
	o := plc.LineOptions{
		Units: units,
		ASCII: c.Transport == "ascii" || c.Transport == "asciiovertcp",
		Baud:  cmp.Or(c.Serial.Baud, c.GatewayBaud),
		Bits:  bits(c.Serial),
		Echo:  c.Echo,
	}
	for _, d := range c.Devices {
		o.Turnaround = max(o.Turnaround, cmp.Or(d.Modbus.Turnaround, modbus.UsualTurnaround))
	}
	if c.Serial.Baud > 0 {
		return p.openTTY(c.Endpoint, o, at.ports[c.Address])
	}
	network := "tcp"
	if c.Transport == "rtuoverudp" {
		network = "udp"
	}
	var s *plc.NetLine
	err = at.find(c.Address, true, func(address string) (err error) {
		s, err = plc.ListenLine(network, address, o)
		return err
	})
	if err != nil {
		return "", err
	}
	p.servers = append(p.servers, s)
	return c.Transport + "://" + s.Addr(), nil
}

// openTTY serves on the given port, or without one on a pseudo-terminal.
func (p *plant) openTTY(e config.Endpoint, o plc.LineOptions, port string) (address string, err error) {
	var l *plc.Line
	if port == "" {
		l, err = plc.OpenPTY(o)
	} else {
		l, err = plc.OpenPort(port, o)
	}
	if err != nil {
		return "", err
	}
	p.servers = append(p.servers, l)
	s := e.Serial
	query := fmt.Sprintf("baud=%d&data=%d&parity=%s&stop=%d", s.Baud, s.Data, s.Parity, s.Stop)
	u := url.URL{Scheme: e.Transport, Path: l.Path(), RawQuery: query}
	if port != "" {
		u.Path = e.Address // the other end of the cable
	}
	return u.String(), nil
}

// bits are those of a character: start, data, parity and stop; 0 where that is not known.
func bits(s config.Serial) int {
	switch {
	case s.Baud == 0:
		return 0
	case s.Parity == "none":
		return 1 + s.Data + s.Stop
	}
	return 2 + s.Data + s.Stop
}

// portMap is --tty: the port to serve on instead of a pseudo-terminal, by the port of the configuration.
type portMap map[string]string

func (m portMap) check(cfg *config.Config) error {
	for from := range m {
		found := false
		for _, c := range cfg.Connections() {
			found = found || c.Address == from
		}
		if !found {
			return fmt.Errorf("--tty %s: no device has that port", strconv.Quote(from))
		}
	}
	return nil
}
