package main

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/mapping/tagmap"
)

// opcuaProtocol is OPC UA to the verbs.
type opcuaProtocol struct{}

// tag implements protocol: the whole of arg is the node.
func (opcuaProtocol) tag(d *config.Device, arg string) (*mapping.Tag, error) {
	return tagmap.Tag(d.Driver, 0, map[string]string{"tag": "t", "address": arg})
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

// opcuaTag reports why cells make no tag of a server; nil: they do.
func opcuaTag(cells map[string]string) error {
	t, err := tagmap.Tag("opcua", 0, cells)
	if err == nil && !isReadBack(t, cells) {
		return errors.New("no map can name this node: its name ends with a blank, or has control characters or bytes that are no text")
	}
	return err
}

// isReadBack reports that t, which was made of cells, reads what these name: the ends of a cell are trimmed, and a map
// that is not text as a whole is taken for one of another encoding.
func isReadBack(t *mapping.Tag, cells map[string]string) bool {
	address, element := cells["address"], cells["element"]
	return t.Node.String() == address && t.Element.String() == element &&
		utf8.ValidString(address+element) && !strings.ContainsFunc(address+element, unicode.IsControl)
}
