package bridge

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"tagbridge/drivers"
	"tagbridge/mapping/config"
)

// arrange gives each endpoint of cfg its connections, and the jobs of all to one of them. The connections of an endpoint
// that is reached as before are those of old, and units stay on theirs.
func (b *Bridge) arrange(old *setup, cfg *config.Config, devices map[string]*compiled) ([]*connection, error) {
	before := make(map[string][]*connection)
	for _, c := range old.connections {
		before[c.sameAs] = append(before[c.sameAs], c)
	}
	var all []*connection
	for _, e := range connectionsOf(cfg) {
		var jobs []*drivers.Job
		for _, d := range e.Devices {
			jobs = append(jobs, devices[d.Name].jobs...)
		}
		same := b.sameAs(e)
		there := before[same]
		for len(there) < max(1, e.Connections) {
			c, err := b.newConnection(e, same, old.first())
			if err != nil {
				return nil, fmt.Errorf("device %s: %w", e.Devices[0].Name, err)
			}
			there = append(there, c)
		}
		all = append(all, spread(there, jobs)...)
	}
	return append(all, b.alarmConnections(before, cfg, devices)...), nil
}

// connectionsOf are those of cfg. A device that is held has one for itself: others at the same endpoint are read.
func connectionsOf(cfg *config.Config) []config.Connection {
	var list []config.Connection
	for _, c := range cfg.Connections() {
		there := c
		there.Devices = nil
		for _, d := range c.Devices {
			if d.Held == "" {
				there.Devices = append(there.Devices, d)
				continue
			}
			alone := c
			alone.Devices = []*config.Device{d}
			list = append(list, alone)
		}
		if len(there.Devices) > 0 {
			list = append(list, there)
		}
	}
	return list
}

// newConnection makes a connection, unstarted. At the start, one whose link cannot be made tries again whenever it
// connects.
func (b *Bridge) newConnection(e config.Connection, same string, start bool) (*connection, error) {
	protocol := b.protocols.of(e.Devices[0])
	open := func() (drivers.Link, error) {
		if reason := e.Devices[0].Held; reason != "" {
			return nil, held(reason)
		}
		return protocol.link(e, b.o.Log)
	}
	link, err := open()
	if err != nil {
		if !start && e.Devices[0].Held == "" {
			return nil, err
		}
		b.o.Log.Error("device cannot be read yet", "device", e.Devices[0].Name, "err", err)
		link = newLateLink(open, protocol.manner(e.Devices[0]).pushes)
	}
	if e.TLS.Insecure {
		b.o.Log.Warn("certificate is not verified: insecure is set", "endpoint", e.Key)
	}
	lane := drivers.NewLane(link, drivers.LaneOptions{
		Name:       e.Key,
		Append:     b.journal.Append,
		Log:        b.o.Log,
		Heard:      b.protocols.heard(),
		ProbeShare: e.ProbeShare,
		Down:       b.events.DeviceDown,
		Bad:        b.badBefore,
		Late:       b.events.LateSince,
		Lease:      b.lease(e),
	})
	return &connection{name: e.Key, sameAs: same, lane: lane}, nil
}

// sameAs is equal for connections that the same link serves. Certificates and keys count by what is in them. It may
// hold secrets.
func (b *Bridge) sameAs(e config.Connection) string {
	d := e.Devices[0]
	endpoint := e.Endpoint
	endpoint.Only, endpoint.Prefer = nil, "" // which member reads it is not its link's
	same := fmt.Sprintf("%s %+v %s", d.Driver, endpoint, b.protocols.of(d).sameAs(d))
	if d.Held != "" {
		same += fmt.Sprintf(" %s held: %s", d.Name, d.Held)
	}
	return same + contentsOf(e.TLS.CA, e.TLS.Certificate, e.TLS.Key)
}

// spread gives jobs to the connections of one endpoint: those of a unit to the one that reads it already, else to the one
// with the fewest units, so that requests to a unit never run in parallel. Connections may remain without a job.
func spread(list []*connection, jobs []*drivers.Job) []*connection {
	home := make(map[int]int)
	for i, c := range list {
		for _, j := range c.jobs {
			home[j.Device.UnitID] = i
		}
	}
	parts := make([][]*drivers.Job, len(list))
	units := make([]int, len(list))
	known := make(map[int]bool)
	for _, j := range jobs {
		if i, ok := home[j.Device.UnitID]; ok && !known[j.Device.UnitID] {
			known[j.Device.UnitID] = true
			units[i]++
		}
	}
	for _, j := range jobs {
		i, ok := home[j.Device.UnitID]
		if !ok {
			i = slices.Index(units, slices.MinFunc(units, cmp.Compare))
			home[j.Device.UnitID] = i
			units[i]++
		}
		parts[i] = append(parts[i], j)
	}
	next := make([]*connection, len(list))
	for i, c := range list {
		next[i] = c.with(parts[i])
	}
	return next
}

// start lets the lane of c read.
func (b *Bridge) start(c *connection) {
	c.task = begin(func(ctx context.Context) {
		if err := c.lane.Run(ctx); err != nil {
			b.o.Log.Error("lane ended", "line", c.name, "err", err)
		}
	})
}
