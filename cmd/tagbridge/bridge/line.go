package bridge

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"tagbridge/drivers"
	"tagbridge/mapping/config"
)

// arrange gives each endpoint of cfg its lines, and the jobs of all to one of them. The lines of an endpoint that is
// reached as before are those of old, and units stay on theirs.
func (b *Bridge) arrange(old *setup, cfg *config.Config, devices map[string]*compiled) ([]*line, error) {
	before := make(map[string][]*line)
	for _, l := range old.lines {
		before[l.print] = append(before[l.print], l)
	}
	var all []*line
	for _, e := range connections(cfg) {
		var jobs []*drivers.Job
		for _, d := range e.Devices {
			jobs = append(jobs, devices[d.Name].jobs...)
		}
		print := b.linkPrint(e)
		if there := before[print]; there != nil {
			all = append(all, spread(there, jobs)...)
			continue
		}
		for _, part := range drivers.Partition(jobs, max(1, e.Connections)) {
			l, err := b.newLine(e, print, old.first())
			if err != nil {
				return nil, fmt.Errorf("device %s: %w", e.Devices[0].Name, err)
			}
			all = append(all, l.with(part))
		}
	}
	return all, nil
}

// connections are those of cfg. A device that is held has one for itself: others behind the same are read.
func connections(cfg *config.Config) []config.Connection {
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

// newLine makes a line, unstarted. At the start, one whose link cannot be made tries again whenever it connects.
func (b *Bridge) newLine(e config.Connection, print string, start bool) (*line, error) {
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
		ProbeShare: e.ProbeShare,
	})
	return &line{name: e.Key, print: print, lane: lane}, nil
}

// linkPrint is equal for connections that the same link serves. Certificates and keys count by what is in them. It may
// hold secrets.
func (b *Bridge) linkPrint(e config.Connection) string {
	d := e.Devices[0]
	print := fmt.Sprintf("%s %+v %s", d.Driver, e.Endpoint, b.protocols.of(d).sameAs(d))
	if d.Held != "" {
		print += fmt.Sprintf(" %s held: %s", d.Name, d.Held)
	}
	return print + contentsOf(e.TLS.CA, e.TLS.Certificate, e.TLS.Key)
}

// spread gives jobs to lines that run: those of a unit to the line that reads it already, else to the one with the
// fewest units.
func spread(lines []*line, jobs []*drivers.Job) []*line {
	home := make(map[int]int)
	for i, l := range lines {
		for _, j := range l.jobs {
			home[j.Device.UnitID] = i
		}
	}
	parts := make([][]*drivers.Job, len(lines))
	units := make([]int, len(lines))
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
	next := make([]*line, len(lines))
	for i, l := range lines {
		next[i] = l.with(parts[i])
	}
	return next
}

// startLine lets the lane read.
func (b *Bridge) startLine(l *line) {
	l.task = begin(func(ctx context.Context) {
		if err := l.lane.Run(ctx); err != nil {
			b.o.Log.Error("lane ended", "line", l.name, "err", err)
		}
	})
}
