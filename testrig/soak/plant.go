package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"tagbridge/mapping"
	"tagbridge/testrig/plc"
)

const (
	alone  = 8  // devices with a connection of their own
	shared = 8  // devices on one connection
	width  = 30 // tags of each
)

// plant is devices that can be made to fail.
type plant struct {
	servers []*plc.Server
	units   []*plc.Unit
	home    []int // of each unit: its server
}

// kinds are what the tags of a device are, over and over.
var kinds = []struct {
	typ   mapping.Type
	scale bool
}{
	{mapping.TypeFloat32, false}, {mapping.TypeInt16, true}, {mapping.TypeUint32, false}, {mapping.TypeInt64, false},
	{mapping.TypeBool, false}, {mapping.TypeString, false}, {mapping.TypeFloat64, true},
}

// tags are those of every device, with a hole every ten.
func tags() []*mapping.Tag {
	at := uint16(0)
	out := make([]*mapping.Tag, width)
	for i := range out {
		k := kinds[i%len(kinds)]
		t := &mapping.Tag{Name: fmt.Sprintf("t%02d", i), Traits: &mapping.Traits{Type: k.typ, Length: 8}}
		if k.scale {
			t.Scaling = mapping.Scaling{Kind: mapping.Linear, Scale: mapping.Decimal{Mant: 1, Exp: -1}}
		}
		if i%10 == 9 {
			at += 40
		}
		t.Address = mapping.Address{Table: mapping.Holding, Number: at}
		at += uint16(t.Registers())
		out[i] = t
	}
	return out
}

// csv is the same as a tag map.
func csv() string {
	var b strings.Builder
	b.WriteString("tag,address,type,scale\n")
	for _, t := range tags() {
		name, scale := t.Type.String(), ""
		if t.Type == mapping.TypeString {
			name = fmt.Sprintf("string:%d", t.Length)
		}
		if t.Scaling.Kind == mapping.Linear {
			scale = "0.1"
		}
		fmt.Fprintf(&b, "%s,holding:%d,%s,%s\n", t.Name, t.Address.Number, name, scale)
	}
	return b.String()
}

func newPlant(seed uint64) (*plant, error) {
	p := new(plant)
	list := tags()
	add := func(server int) *plc.Unit {
		u := plc.NewUnit(plc.UnitOptions{Tags: list, Seed: seed + uint64(len(p.units)), MaxGap: 16})
		p.units, p.home = append(p.units, u), append(p.home, server)
		return u
	}
	listen := func(units map[int]*plc.Unit) error {
		s, err := plc.Listen("tcp", "127.0.0.1:0", plc.ServerOptions{Units: units})
		p.servers = append(p.servers, s)
		return err
	}
	for i := range alone {
		if err := listen(map[int]*plc.Unit{1: add(i)}); err != nil {
			return nil, err
		}
	}
	units := make(map[int]*plc.Unit)
	for i := range shared {
		units[i+1] = add(alone)
	}
	return p, listen(units)
}

// serve runs until ctx ends.
func (p *plant) serve(ctx context.Context) {
	var wg sync.WaitGroup
	for _, s := range p.servers {
		wg.Go(func() { s.Serve(ctx) })
	}
	wg.Wait()
}

// calm ends all faults.
func (p *plant) calm() error {
	for _, u := range p.units {
		u.ClearFaults()
	}
	for _, s := range p.servers {
		if err := s.Accept(); err != nil {
			return err
		}
	}
	return nil
}

// close refuses all connections: from here on nothing is read.
func (p *plant) close() {
	for _, s := range p.servers {
		s.Refuse()
	}
}

// configure writes configuration and map into dir.
func (p *plant) configure(dir, http, wide, narrow string) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "bridge:\n  name: soak\n  data_dir: data\n  http: %s\ndevices:\n", http)
	for i := range p.units {
		unit := 1
		if i >= alone {
			unit = i - alone + 1
		}
		fmt.Fprintf(&b, "  - {name: d%02d, driver: modbus, url: \"tcp://%s\", unit_id: %d, poll: %dms, timeout: 200ms, tags: [map.csv]}\n",
			i, p.servers[p.home[i]].Addr(), unit, 250*(1+i%4))
	}
	b.WriteString("sinks:\n")
	for layout, url := range map[string]string{"wide": wide, "narrow": narrow} {
		fmt.Fprintf(&b, "  - {name: %s, type: influxdb, url: \"%s\", org: o, bucket: b, token: t, layout: %s, precision: us, flush: 200ms, batch: 500}\n",
			layout, url, layout)
	}
	config := filepath.Join(dir, "soak.yaml")
	if err := os.WriteFile(filepath.Join(dir, "map.csv"), []byte(csv()), 0o600); err != nil {
		return "", err
	}
	return config, os.WriteFile(config, []byte(b.String()), 0o600)
}
