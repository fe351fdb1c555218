package main

import (
	"fmt"

	"tagbridge/mapping"
	"tagbridge/mapping/config"
)

// derivedProtocol is devices that are computed from others to the verbs.
type derivedProtocol struct{}

// tag implements protocol: there is nothing at an address.
func (derivedProtocol) tag(d *config.Device, _ string) (*mapping.Tag, error) {
	return nil, fmt.Errorf("%s is computed from other devices: name one of its tags", d.Name)
}

// simulate implements protocol: what is computed is computed of simulated values.
func (derivedProtocol) simulate(p *plant, c config.Connection, _ *listener) error {
	for _, d := range c.Devices {
		p.urls[d.Name] = ""
	}
	return nil
}

// bytes implements protocol.
func (derivedProtocol) bytes(*mapping.Tag) float64 { return 8 }
