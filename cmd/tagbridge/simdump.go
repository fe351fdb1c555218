package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tagbridge/mapping/config"
	"tagbridge/mapping/dump"
	"tagbridge/testrig/plc"
)

// serveDump serves what d holds: snapshots one after the other, as far apart as they were recorded, and from the first again.
func (v simVerb) serveDump(ctx context.Context, std streams, d *dump.Dump) error {
	if v.Write != "" || v.Faults != "" || v.KeepSinks || len(v.TTY) > 0 {
		return errors.New("a dump is no configuration: only --port goes with it")
	}
	o := plc.ServerOptions{Units: map[int]*plc.Unit{}}
	for _, id := range d.Units() {
		o.Units[id] = plc.NewUnit(plc.UnitOptions{Every: time.Hour})
	}
	at := &listener{next: v.Port}
	_, server, err := at.listen(config.Endpoint{Transport: "tcp"}, o)
	if err != nil {
		return err
	}
	if err := defineAll(o.Units, d); err != nil {
		return err
	}
	p := &plant{servers: []served{server}}
	for _, id := range d.Units() {
		p.devices = append(p.devices, simulated{name: "dump", url: "tcp://" + server.Addr(), unit: fmt.Sprintf("unit %d", id)})
	}
	p.print(std)
	ctx, stop := context.WithCancel(ctx)
	played := make(chan struct{})
	go func() {
		defer close(played)
		play(ctx, o.Units, d)
	}()
	err = p.serve(ctx)
	stop()
	<-played
	return err
}

// defineAll makes the addresses of all snapshots exist, with the values of the first that names them, and refuses what the
// device refused.
func defineAll(units map[int]*plc.Unit, d *dump.Dump) error {
	all := dump.Snapshot{}
	for i := range d.Snapshots {
		all.Areas = append(all.Areas, d.Snapshots[i].Areas...)
	}
	for _, a := range united(all.Areas) {
		if err := units[a.Unit].Set(a.Table, a.First, a.Values...); err != nil {
			return fmt.Errorf("serve a dump: %w", err)
		}
	}
	for i := len(d.Snapshots) - 1; i >= 0; i-- {
		show(units, &d.Snapshots[i])
	}
	return nil
}

// united are runs of zeros over all of areas, which may overlap.
func united(areas []dump.Area) []dump.Area {
	type place struct{ unit, table, at int }
	seen := map[place]bool{}
	all := dump.Snapshot{}
	for _, a := range areas {
		for i := range a.Values {
			p := place{a.Unit, int(a.Table), a.First + i}
			if !seen[p] {
				seen[p] = true
				all.Areas = append(all.Areas, dump.Area{Unit: a.Unit, Table: a.Table, First: p.at, Values: []uint16{0}})
			}
		}
	}
	return all.Joined().Areas
}

// show gives units what s holds, refusals and time of answers too.
func show(units map[int]*plc.Unit, s *dump.Snapshot) {
	for _, a := range s.Areas {
		_ = units[a.Unit].Set(a.Table, a.First, a.Values...) // it exists
	}
	for _, u := range units {
		u.ClearFaults()
		if s.Took > 0 {
			u.Inject(plc.Fault{Kind: plc.Delay, Delay: s.Took})
		}
	}
	for _, r := range s.Refusals {
		f := plc.Fault{Kind: plc.Exception, Code: r.Exception, Function: functionOf[r.Table], First: r.First, Count: r.Last - r.First + 1}
		if r.Exception == 0 {
			f.Kind = plc.Silence
		}
		units[r.Unit].Inject(f)
	}
}

// functionOf reads a table, by mapping.Table.
var functionOf = [...]byte{1, 2, 4, 3}

// leastStep is how far apart snapshots are shown at least, and lastStep how long the last one stays.
const (
	leastStep = 10 * time.Millisecond
	lastStep  = time.Second
)

// play shows the snapshots of d, one after the other, until ctx ends.
func play(ctx context.Context, units map[int]*plc.Unit, d *dump.Dump) {
	if len(d.Snapshots) < 2 {
		return
	}
	for n := 0; ; n = (n + 1) % len(d.Snapshots) {
		show(units, &d.Snapshots[n])
		step := lastStep
		if n+1 < len(d.Snapshots) {
			step = d.Snapshots[n+1].Time.Sub(d.Snapshots[n].Time)
			if d.Snapshots[n].Time.IsZero() {
				step = lastStep
			}
		}
		if !pauseFor(ctx, max(step, leastStep)) {
			return
		}
	}
}
