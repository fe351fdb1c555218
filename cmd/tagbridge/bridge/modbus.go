package bridge

import (
	"log/slog"
	"strconv"
	"sync"

	"tagbridge/drivers"
	"tagbridge/drivers/modbus"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/mapping/secure"
)

// modbusProtocol is Modbus: many units on one connection, polled.
type modbusProtocol struct {
	mu      sync.Mutex
	numbers map[string]*modbus.Transactions // by endpoint
}

func newModbus() *modbusProtocol {
	return &modbusProtocol{numbers: map[string]*modbus.Transactions{}}
}

// link implements protocol.
func (p *modbusProtocol) link(c config.Connection, log *slog.Logger) (drivers.Link, error) {
	o := modbus.LinkOptions{
		Transport:   c.Transport,
		Address:     c.Address,
		Pause:       c.Pause,
		Serial:      modbus.Serial(c.Serial),
		Echo:        c.Echo,
		RS485:       modbus.RS485(c.RS485),
		GatewayBaud: c.GatewayBaud,
		CloseAfter:  c.CloseAfter,
		Log:         log,

		AfterConnect: c.AfterConnect,
		Transactions: p.transactions(c.Key),
	}
	for _, d := range c.Devices {
		o.Timeout = max(o.Timeout, d.Timeout)
	}
	if c.Transport == "tls" {
		secured, err := secure.TLS(c.TLS).Config()
		if err != nil {
			return nil, err
		}
		o.TLS = secured
	}
	return modbus.NewLink(o)
}

// transactions are the numbers of the requests to an endpoint, which go on over all of its links, reloads too: what was
// asked before may still be answered.
func (p *modbusProtocol) transactions(endpoint string) *modbus.Transactions {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.numbers[endpoint] == nil {
		p.numbers[endpoint] = modbus.NewTransactions()
	}
	return p.numbers[endpoint]
}

// sameAs implements protocol: units share a connection whatever their options are.
func (p *modbusProtocol) sameAs(*config.Device) string { return "" }

// manner implements protocol.
func (p *modbusProtocol) manner(d *config.Device) manner {
	return manner{connect: connectTime + d.Endpoint.AfterConnect}
}

// work implements protocol.
func (p *modbusProtocol) work(c *Compiler, d *config.Device, tags []*mapping.Tag, _ *compiled) (mapping.Compiled, drivers.Work) {
	made := c.compile(d, tags)
	ties := mapping.Ties(tags)
	tags = mapping.WithoutComputed(tags)
	plan := modbus.NewPlan(tags, made.Codecs[:len(tags)], d.Modbus.UnitID, modbusLimits(d))
	if len(ties) > 0 {
		holds, _ := d.Reach().Fit(ties, tags)
		plan.KeepTogether(holds)
	}
	return made, plan
}

// modbusLimits are those of d.
func modbusLimits(d *config.Device) modbus.Limits {
	return modbus.Limits{
		MaxRegisters: d.Modbus.MaxRegisters,
		MaxBits:      d.Modbus.MaxBits,
		MaxGap:       d.Modbus.MaxGap,
		Single:       d.Modbus.Single,
		Function:     d.Modbus.Function,
		Accept:       accept(d.Modbus.AcceptUnit),
		Wide:         d.Modbus.RegisterBytes == 4,
	}
}

// accept is a checked accept_unit.
func accept(unit string) modbus.Accept {
	n, err := strconv.ParseUint(unit, 10, 8)
	return modbus.Accept{Any: unit == config.AnyUnit, Only: err == nil, Unit: uint8(n)}
}

// planned implements estimator.
func (p *modbusProtocol) planned(d *config.Device, jobs []*drivers.Job) float64 {
	w := ModbusWire(d)
	load := 0.0
	for _, j := range jobs {
		for _, r := range j.Work.(*modbus.Plan).Outlines() {
			load += float64(w.Time(r)) / float64(j.Period)
		}
	}
	return load
}

// single implements estimator.
func (p *modbusProtocol) single(d *config.Device) bool { return ModbusWire(d).IsLine() }

// ModbusWire is what decides how long requests of d, a Modbus device, keep its connection busy.
func ModbusWire(d *config.Device) modbus.Wire {
	e := &d.Endpoint
	return modbus.Wire{
		Transport:   e.Transport,
		Serial:      modbus.Serial(e.Serial),
		GatewayBaud: e.GatewayBaud,
		Pause:       e.Pause,
		Turnaround:  d.Modbus.Turnaround,
	}
}
