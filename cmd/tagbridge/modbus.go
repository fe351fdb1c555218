package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/drivers/modbus"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/mapping/tagmap"
)

// modbusProtocol is Modbus to the verbs.
type modbusProtocol struct{}

// plan implements protocol: each request is known beforehand.
func (modbusProtocol) plan(p *connectionJSON, c *bridge.Compiler, dataDir string, d *config.Device) {
	jobs := c.Device(d)
	bridge.Recall(dataDir, d, jobs)
	wire := bridge.ModbusWire(d)
	parallel := float64(bridge.Parallel(d))
	for _, j := range jobs {
		plan := j.Work.(*modbus.Plan)
		for _, cut := range plan.Learned() {
			if l := (learnedJSON{Device: d.Name, Cut: cut}); !slices.Contains(p.Learned, l) {
				p.Learned = append(p.Learned, l)
			}
		}
		for _, r := range plan.Requests() {
			took := wire.Time(r)
			share := float64(took) / float64(j.Period) / parallel
			p.Busy += share
			p.Requests = append(p.Requests, requestJSON{
				Device: d.Name, UnitID: r.UnitID, Function: r.Function, Table: r.Table.String(), First: r.Address,
				Count: r.Count, Wasted: r.Wasted, Tags: names(r.Tags), PeriodMS: ms(j.Period), TimeMS: ms(took), Share: share,
			})
		}
	}
}

func names(tags []*mapping.Tag) []string {
	list := make([]string, len(tags))
	for i, t := range tags {
		list[i] = t.Name
	}
	return list
}

// learnedJSON is where the bridge found blocks to be refused.
type learnedJSON struct {
	Device string `json:"device"`
	modbus.Cut
}

// String is what was learned, for people.
func (l learnedJSON) String() string {
	if l.Hole > 0 {
		return fmt.Sprintf("%s refuses the %d addresses before %d of function %d", l.Device, l.Hole, l.Address, l.Function)
	}
	return fmt.Sprintf("%s refuses larger blocks: one begins at %d of function %d, %d at once were answered", l.Device, l.Address,
		l.Function, l.Largest)
}

// tag implements protocol: ADDRESS[,TYPE[,ORDER]].
func (modbusProtocol) tag(d *config.Device, arg string) (*mapping.Tag, error) {
	parts := strings.Split(arg, ",")
	if len(parts) > 3 {
		return nil, errors.New("more than ADDRESS,TYPE,ORDER")
	}
	cells := map[string]string{"tag": "t"}
	for i, column := range []string{"address", "type", "order"}[:len(parts)] {
		cells[column] = parts[i]
	}
	return tagmap.Tag(d.Driver, d.Modbus.Order, cells)
}

// bytes implements protocol.
func (modbusProtocol) bytes(t *mapping.Tag) float64 {
	switch {
	case t.Type == mapping.TypeString:
		return float64(t.Length + 1)
	case t.Scaling.Kind != mapping.Unscaled && t.Type.Registers() <= 1:
		return 2.7
	case t.Scaling.Kind != mapping.Unscaled:
		return 5
	case t.Type == mapping.TypeBool || t.Address.Table.IsBits() || t.Address.Part == mapping.Bit:
		return 1
	case t.Type == mapping.TypeFloat32 || t.Type == mapping.TypeFloat16:
		return 4
	case t.Type.Registers() <= 1:
		return 2.5
	case t.Type.Registers() == 2:
		return 4.5
	}
	return 8
}
