package bridge

import (
	"slices"
	"strings"

	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/sinks/mqtt"
)

// known is what Home Assistant is told of a tag besides its series. Before there is a configuration, every tag is there.
func (c *catalog) known(device, name string) mqtt.Known {
	cfg := c.running()
	if cfg == nil {
		return mqtt.Known{There: true}
	}
	if strings.HasPrefix(name, "_") { // the bridge's own
		return mqtt.Known{There: device == ownDevice || slices.ContainsFunc(cfg.Devices, func(d config.Device) bool { return d.Name == device })}
	}
	if t := c.tag(device, name); t != nil {
		return mqtt.Known{There: !t.Withheld(), Total: t.Total()}
	}
	of, isAlarm := strings.CutSuffix(name, mapping.AlarmSuffix)
	if !isAlarm {
		return mqtt.Known{}
	}
	t := c.tag(device, of)
	return mqtt.Known{There: t != nil && t.Alarm != nil}
}
