package main

import (
	"context"
	"fmt"

	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/testrig/opcua"
)

// opcuaServer is the server of one device. It can be switched off and on again; switched off, it leaves its connections
// open and silent, as one that has lost its power does.
type opcuaServer struct {
	device  string
	options opcua.Options
	server  *opcua.Server
	power   chan bool // what is asked for; taken while Serve runs
}

// simulate implements protocol: a server of its own for the device. It is open to everyone and has secure endpoints, with
// a certificate of its own, besides.
func (opcuaProtocol) simulate(p *plant, c config.Connection, at *listener) error {
	d := c.Devices[0]
	certificate, key, err := newCertificate(certificateOptions{
		uri: "urn:tagbridge:sim:" + d.Name, name: "tagbridge simulator " + d.Name, hosts: []string{"127.0.0.1", "localhost"},
	})
	if err != nil {
		return err
	}
	s := &opcuaServer{
		device: d.Name, options: opcua.Options{Tags: mapping.WithoutComputed(d.Tags), Certificate: certificate, Key: key}, power: make(chan bool),
	}
	if err := at.find(c.Address, true, s.listen); err != nil {
		return err
	}
	url := s.server.URL()
	p.servers = append(p.servers, s)
	p.devices = append(p.devices, simulated{name: d.Name, url: url})
	p.urls[d.Name] = url
	p.switches[d.Name] = s
	return nil
}

func (s *opcuaServer) listen(address string) (err error) {
	if s.server, err = opcua.Listen(address, s.options); err != nil {
		return fmt.Errorf("simulate device %s: %w", s.device, err)
	}
	return nil
}

// Serve implements served.
func (s *opcuaServer) Serve(ctx context.Context) error {
	address := s.server.Addr()
	for {
		if !s.serveUntilOff(ctx) {
			return nil
		}
		for on := false; !on; {
			select {
			case on = <-s.power:
			case <-ctx.Done():
				return nil
			}
		}
		if err := s.listen(address); err != nil {
			return err
		}
	}
}

// serveUntilOff serves until the server is switched off, or false, ctx ends.
func (s *opcuaServer) serveUntilOff(ctx context.Context) bool {
	on, off := context.WithCancel(ctx)
	defer off()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.server.Serve(on)
	}()
	for {
		select {
		case stays := <-s.power:
			if stays {
				continue
			}
			off()
			<-ended
			return true
		case <-ended:
			return false
		}
	}
}

// turn implements switchable.
func (s *opcuaServer) turn(ctx context.Context, on bool) string {
	select {
	case s.power <- on:
	case <-ctx.Done():
	}
	if on {
		return s.device + " is on again: the bridge connects, reads everything once and subscribes anew"
	}
	return s.device + " is off: within ten seconds its tags turn BadNotConnected once, the others go on in time"
}
