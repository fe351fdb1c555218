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
	for _, e := range Endpoints(b.cfg) {
		if err := b.openEndpoint(c, e); err != nil {
			return fmt.Errorf("device %s: %w", e.Devices[0].Name, err)
		}
	}
	return nil
}

func (b *Bridge) openEndpoint(c *Compiler, e Endpoint) error {
	var jobs []*drivers.Job
	for _, d := range e.Devices {
		_, list := c.Device(d)
		jobs = append(jobs, list...)
	}
	for _, part := range drivers.Partition(jobs, max(1, e.Conf.Connections)) {
		link, err := NewLink(e, b.o.Log)
		if err != nil {
			return err
		}
		l := &line{name: e.Conf.Key, devices: devicesOf(part)}
		l.lane = drivers.NewLane(link, drivers.LaneOptions{
			Name:       e.Conf.Key,
			Append:     b.append,
			Log:        b.o.Log,
			ProbeShare: e.Conf.ProbeShare,
		})
		l.lane.Apply(part)
		b.lines = append(b.lines, l)
	}
	return nil
}

// Endpoint is the devices of one connection, in the order of the configuration.
type Endpoint struct {
	Conf    config.Endpoint
	Devices []*config.Device
}

// Endpoints are the connections of a configuration, in the order of their first device.
func Endpoints(cfg *config.Config) []Endpoint {
	var list []Endpoint
	at := map[string]int{}
	for i := range cfg.Devices {
		d := &cfg.Devices[i]
		k, ok := at[d.Endpoint.Key]
		if !ok {
			k = len(list)
			at[d.Endpoint.Key] = k
			list = append(list, Endpoint{Conf: d.Endpoint})
		}
		list[k].Devices = append(list[k].Devices, d)
	}
	return list
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
