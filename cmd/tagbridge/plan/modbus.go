package plan

import (
	"fmt"
	"slices"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/drivers/modbus"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
)

// registers is a planner: each request is known beforehand.
func registers(p *Connection, c *bridge.Compiler, dataDir string, d *config.Device) {
	jobs := c.Device(d)
	bridge.Recall(dataDir, d, jobs)
	wire := bridge.ModbusWire(d)
	parallel := float64(bridge.Parallel(d))
	for _, j := range jobs {
		plan := j.Work.(*modbus.Plan)
		for _, cut := range plan.Learned() {
			if l := (Learned{Device: d.Name, Cut: cut}); !slices.Contains(p.Learned, l) {
				p.Learned = append(p.Learned, l)
			}
		}
		for _, r := range plan.Requests() {
			took := wire.Time(r)
			share := float64(took) / float64(j.Period) / parallel
			p.Busy += share
			p.Requests = append(p.Requests, Request{
				Modicon: mapping.Address{Table: r.Table, Number: uint16(r.Address)}.Modicon(), wire: d.Numbers().Wire,
				Device: d.Name, UnitID: r.UnitID, Function: r.Function, Table: r.Table.String(), First: r.Address,
				Count: r.Count, Wasted: r.Wasted, Tags: names(r.Tags), PeriodMS: ms(j.Period), DueMS: ms(j.Due()), TimeMS: ms(took), Share: share,
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

// Learned is where the bridge found blocks to be refused.
type Learned struct {
	Device string `json:"device"`
	modbus.Cut
}

// String is what was learned, for people.
func (l Learned) String() string {
	if l.Hole > 0 {
		return fmt.Sprintf("%s refuses the %d addresses before %d of function %d", l.Device, l.Hole, l.Address, l.Function)
	}
	return fmt.Sprintf("%s refuses larger blocks: one begins at %d of function %d, %d at once were answered", l.Device, l.Address,
		l.Function, l.Largest)
}
