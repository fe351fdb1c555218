package bridge

import (
	"path/filepath"
	"strings"
	"sync"

	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/sinks"
	"tagbridge/sinks/mqtt"
	"tagbridge/sinks/sparkplug"
)

// sparkplugFormat is the format of MQTT sinks that are edge nodes.
const sparkplugFormat = "sparkplug"

// openSparkplug makes the edge node that c describes; base says where its broker is.
func openSparkplug(c *config.Sink, o Options, base mqtt.Options) (sinks.Sink, error) {
	p := &c.MQTT.Sparkplug
	servers := make([]string, len(p.Servers))
	for i, s := range p.Servers {
		servers[i] = string(s)
	}
	edge := mqtt.EdgeOptions{
		Options: base, URLs: servers, PrimaryHost: p.PrimaryHost,
		Sparkplug: sparkplug.Options{
			Group: p.Group, Node: p.Node, Aliases: p.Aliases, DataTypes: p.DataTypes == "always", Events: c.Events, Describe: o.describe,
		},
	}
	if o.dataDir != "" {
		edge.File = filepath.Join(o.dataDir, "sparkplug", c.Name)
	}
	return mqtt.OpenEdge(edge)
}

// catalog finds the tags of the configuration that runs. It is safe for concurrent use.
type catalog struct {
	running func() *config.Config // nil: none yet

	mu   sync.Mutex
	of   *config.Config
	tags map[string]map[string]*mapping.Tag // by device
}

// tag is that of a device; of the element of an array the tag of all of them. nil: it is not there.
func (c *catalog) tag(device, name string) *mapping.Tag {
	c.mu.Lock()
	defer c.mu.Unlock()
	cfg := c.running()
	if cfg == nil {
		return nil
	}
	if c.of != cfg {
		c.of, c.tags = cfg, make(map[string]map[string]*mapping.Tag, len(cfg.Devices))
	}
	tags := c.tags[device]
	if tags == nil {
		tags = map[string]*mapping.Tag{}
		for i := range cfg.Devices {
			if d := &cfg.Devices[i]; d.Name == device {
				for _, t := range d.Tags {
					tags[t.Name] = t
				}
			}
		}
		c.tags[device] = tags
	}
	if t := tags[name]; t != nil {
		return t
	}
	array, _, _ := strings.Cut(name, "[")
	return tags[array]
}

// describe is what a birth says of a tag.
func (c *catalog) describe(device, name string) (d sparkplug.Details) {
	t := c.tag(device, name)
	if t == nil {
		return d
	}
	d.Text = t.Description
	low, high := t.Min, t.Max
	if e := &t.Scaling; !low.Set && !high.Set && e.Kind == mapping.FromRange {
		low, high = mapping.Bound{Decimal: e.EngMin, Set: true}, mapping.Bound{Decimal: e.EngMax, Set: true}
	}
	d.Low, d.HasLow = low.Float64(), low.Set
	d.High, d.HasHigh = high.Float64(), high.Set
	d.Wide = !t.Type.IsText() && t.Type.Bits(t.Length) > 32
	return d
}
