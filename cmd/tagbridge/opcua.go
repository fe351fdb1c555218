package main

import (
	"fmt"

	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/mapping/tagmap"
)

// opcuaProtocol is OPC UA to the verbs.
type opcuaProtocol struct{}

// tag implements protocol: the whole of arg is the node.
func (opcuaProtocol) tag(d *config.Device, arg string) (*mapping.Tag, error) {
	return tagmap.Tag(d.Defaults(), map[string]string{"tag": "t", "address": arg})
}

// bytes implements protocol: the type of a value may be known to the server alone.
func (opcuaProtocol) bytes(*mapping.Tag) float64 { return 6 }

// opcuaDevice is the OPC UA server that target names, for verbs that are about nothing else: remark goes on with the error
// of another device.
func opcuaDevice(target, remark string, std streams) (*config.Device, error) {
	device, err := readVerb{Target: target, UnitID: -1}.device(std)
	if err != nil {
		return nil, err
	}
	if device.Driver != "opcua" {
		return nil, fmt.Errorf("%s is no OPC UA server%s", target, remark)
	}
	return device, nil
}
