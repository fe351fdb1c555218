package bridge

import (
	"tagbridge/drivers"
	"tagbridge/drivers/modbus"
	"tagbridge/mapping/config"
)

// Wire is what decides how long requests of d keep its connection busy.
func Wire(d *config.Device) modbus.Wire {
	e := &d.Endpoint
	return modbus.Wire{
		Transport:   e.Transport,
		Serial:      modbus.Serial(e.Serial),
		GatewayBaud: e.GatewayBaud,
		Pause:       e.Pause,
		Turnaround:  d.Turnaround,
	}
}

// Planned is the share of the connection's time that the jobs of d need, as they are laid out now.
func Planned(d *config.Device, jobs []*drivers.Job) float64 {
	w := Wire(d)
	load := 0.0
	for _, j := range jobs {
		p, ok := j.Work.(*modbus.Plan)
		if !ok {
			continue
		}
		for _, r := range p.Outlines() {
			load += float64(w.Time(r)) / float64(j.Period)
		}
	}
	return load
}
