package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/drivers"
	"tagbridge/mapping/config"
	"tagbridge/mapping/source"
)

// comfortable is the share of a line's time that periods are suggested for: the rest is for repetitions and probes.
const comfortable = 0.9

// Overloads warns of each connection that cannot carry what is asked of it.
func Overloads(cfg *config.Config) source.Problems {
	var list source.Problems
	compiler := bridge.NewCompiler(cfg.Bridge.Name)
	for _, c := range cfg.Connections() {
		load, known := bridge.Planned(c, compiler)
		if !known || load <= 1 {
			continue
		}
		first := c.Devices[0]
		list = append(list, source.Problem{
			File: first.Source.File, Line: first.Source.Line, Column: 1, Warning: true,
			Message: fmt.Sprintf("%s needs %.0f %% of its time at these periods; these would fit: %s",
				lineName(c.Endpoint), 100*load, fitting(c.Devices, load/comfortable)),
		})
	}
	return list
}

// lineName names the connection for people.
func lineName(e config.Endpoint) string {
	switch {
	case e.Serial.Baud > 0:
		return "line " + e.Address
	case e.GatewayBaud > 0:
		return "line at " + bridge.PublicURL(e)
	}
	return "connection " + bridge.PublicURL(e)
}

// fitting lists each device's periods, longer by the factor and round.
func fitting(devices []*config.Device, factor float64) string {
	var parts []string
	for _, d := range devices {
		var periods []time.Duration
		for _, t := range d.Tags {
			periods = append(periods, t.Poll)
		}
		slices.Sort(periods)
		for _, p := range slices.Compact(periods) {
			parts = append(parts, fmt.Sprintf("%s %v instead of %v", d.Name, drivers.FittingPeriod(p, factor), p))
		}
	}
	const most = 8
	if len(parts) > most {
		parts = append(parts[:most], "and so on")
	}
	return strings.Join(parts, ", ")
}
