package main

import (
	"fmt"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/mapping/config"
)

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

// addNodes plans an OPC UA device.
func (c *connectionJSON) addNodes(d *config.Device) {
	for _, tags := range bridge.ByPeriod(d.Tags) {
		c.Nodes = append(c.Nodes, nodesJSON{Device: d.Name, Nodes: len(tags), Mode: d.Mode, PeriodMS: ms(tags[0].Poll)})
	}
}
