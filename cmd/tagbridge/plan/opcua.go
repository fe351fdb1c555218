package plan

import (
	"fmt"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
)

// Nodes is what is asked of an OPC UA server: how many requests it takes only the server can tell.
type Nodes struct {
	Device   string  `json:"device"`
	Nodes    int     `json:"nodes"`
	Mode     string  `json:"mode"` // poll, subscribe
	PeriodMS float64 `json:"period_ms"`
}

// String is the line of a plan.
func (n Nodes) String() string {
	period := time.Duration(n.PeriodMS * float64(time.Millisecond))
	if n.Mode == "subscribe" {
		return fmt.Sprintf("%s: subscribes to %s, sampled and published every %s", n.Device, plural(n.Nodes, "node"), period)
	}
	return fmt.Sprintf("%s: reads %s every %s, as many at once as the server takes", n.Device, plural(n.Nodes, "node"), period)
}

// nodes is a planner.
func nodes(p *Connection, _ *bridge.Compiler, _ string, d *config.Device) {
	for _, tags := range bridge.ByPeriod(d.Tags) {
		tags = mapping.WithoutComputed(tags)
		if len(tags) == 0 {
			continue
		}
		p.Nodes = append(p.Nodes, Nodes{Device: d.Name, Nodes: len(tags), Mode: d.OPCUA.Mode, PeriodMS: ms(tags[0].Poll)})
	}
}
