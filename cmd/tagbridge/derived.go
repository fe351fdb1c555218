package main

import (
	"fmt"
	"slices"
	"strings"

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

// needs implements needer: what is read first, and then what is computed of it, the innermost first.
func (derivedProtocol) needs(cfg *config.Config, d *config.Device) []config.Connection {
	n := needed{cfg: cfg, tags: map[string]map[string]bool{}}
	n.visit(d)
	var list []config.Connection
	for _, e := range cfg.Connections() {
		e.Devices = slices.Clone(e.Devices)
		e.Devices = slices.DeleteFunc(e.Devices, func(o *config.Device) bool { return o.IsDerived() || n.tags[o.Name] == nil })
		for i, o := range e.Devices {
			e.Devices[i] = n.some(o)
		}
		if len(e.Devices) > 0 {
			list = append(list, e)
		}
	}
	for _, o := range n.computed {
		if o != d {
			list = append(list, config.Connection{Endpoint: o.Endpoint, Devices: []*config.Device{o}})
		}
	}
	return list
}

// needed is what a derived device needs.
type needed struct {
	cfg      *config.Config
	tags     map[string]map[string]bool // by device
	computed []*config.Device
}

// visit adds what d needs, and then d.
func (n *needed) visit(d *config.Device) {
	for _, in := range d.Derived.Inputs {
		device, tag, _ := strings.Cut(in.Name, "/")
		first := n.tags[device] == nil
		if first {
			n.tags[device] = map[string]bool{}
		}
		n.tags[device][tag] = true
		for i := range n.cfg.Devices {
			if o := &n.cfg.Devices[i]; first && o.Name == device && o.IsDerived() {
				n.visit(o)
			}
		}
	}
	n.computed = append(n.computed, d)
}

// some is d with the tags that are needed, and those that these are computed from, asked for its values.
func (n *needed) some(d *config.Device) *config.Device {
	var asked []*mapping.Tag
	for _, t := range d.Tags {
		if n.tags[d.Name][t.Name] || t.EachElement() {
			asked = append(asked, t)
		}
	}
	one := *d
	one.Tags, _ = withInputs(d, asked, false)
	one.AskOnly()
	return &one
}
