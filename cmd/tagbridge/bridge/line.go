package bridge

import (
	"fmt"

	"tagbridge/drivers"
	"tagbridge/mapping/config"
)

// line is one connection and the lane that reads on it.
type line struct {
	name    string // the endpoint, for people
	lane    *drivers.Lane
	devices []*drivers.Device
}

// openLines makes a lane for each connection of each endpoint, with its jobs.
func (b *Bridge) openLines() error {
	c := NewCompiler(b.cfg.Bridge.Name)
	for _, e := range b.cfg.Connections() {
		if err := b.openEndpoint(c, e); err != nil {
			return fmt.Errorf("device %s: %w", e.Devices[0].Name, err)
		}
	}
	return nil
}

func (b *Bridge) openEndpoint(c *Compiler, e config.Connection) error {
	var jobs []*drivers.Job
	for _, d := range e.Devices {
		_, list := c.Device(d)
		jobs = append(jobs, list...)
	}
	for _, part := range drivers.Partition(jobs, max(1, e.Connections)) {
		link, err := NewLink(e, b.o.Log)
		if err != nil {
			return err
		}
		l := &line{name: e.Key, devices: devicesOf(part)}
		l.lane = drivers.NewLane(link, drivers.LaneOptions{
			Name:       e.Key,
			Append:     b.append,
			Log:        b.o.Log,
			ProbeShare: e.ProbeShare,
		})
		l.lane.Apply(part)
		b.lines = append(b.lines, l)
	}
	return nil
}

func devicesOf(jobs []*drivers.Job) []*drivers.Device {
	var list []*drivers.Device
	seen := map[*drivers.Device]bool{}
	for _, j := range jobs {
		if !seen[j.Device] {
			seen[j.Device] = true
			list = append(list, j.Device)
		}
	}
	return list
}
