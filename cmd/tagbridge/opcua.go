package main

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/mapping/tagmap"
)

// opcuaProtocol is OPC UA to the verbs.
type opcuaProtocol struct{}

// nodesJSON is what is asked of an OPC UA server: how many requests it takes only the server can tell.
type nodesJSON struct {
	Device   string  `json:"device"`
	Nodes    int     `json:"nodes"`
	Mode     string  `json:"mode"` // poll, subscribe
	PeriodMS float64 `json:"period_ms"`
}

// String is the line of a plan.
func (n nodesJSON) String() string {
	period := time.Duration(n.PeriodMS * float64(time.Millisecond))
	if n.Mode == "subscribe" {
		return fmt.Sprintf("%s: subscribes to %s, sampled and published every %s", n.Device, plural(n.Nodes, "node"), period)
	}
	return fmt.Sprintf("%s: reads %s every %s, as many at once as the server takes", n.Device, plural(n.Nodes, "node"), period)
}

// plan implements protocol.
func (opcuaProtocol) plan(p *connectionJSON, _ *bridge.Compiler, _ string, d *config.Device) {
	for _, tags := range bridge.ByPeriod(d.Tags) {
		p.Nodes = append(p.Nodes, nodesJSON{Device: d.Name, Nodes: len(tags), Mode: d.OPCUA.Mode, PeriodMS: ms(tags[0].Poll)})
	}
}

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
