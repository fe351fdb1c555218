package main

import (
	"fmt"

	"tagbridge/mapping/config"
	"tagbridge/testrig/opcua"
)

// openOPCUA makes a server of an OPC UA device. It is open to everyone and has secure endpoints, with a certificate of
// its own, besides.
func (p *plant) openOPCUA(c config.Connection, at *listener) error {
	d := c.Devices[0]
	certificate, key, err := newCertificate(certificateOptions{
		uri: "urn:tagbridge:sim:" + d.Name, name: "tagbridge simulator " + d.Name, hosts: []string{"127.0.0.1", "localhost"},
	})
	if err != nil {
		return err
	}
	var s *opcua.Server
	err = at.find(c.Address, true, func(address string) (err error) {
		s, err = opcua.Listen(address, opcua.Options{Tags: d.Tags, Certificate: certificate, Key: key})
		return err
	})
	if err != nil {
		return fmt.Errorf("simulate device %s: %w", d.Name, err)
	}
	p.servers = append(p.servers, s)
	p.devices = append(p.devices, simulated{name: d.Name, url: s.URL()})
	p.urls[d.Name] = s.URL()
	return nil
}
