package modbus

import (
	"crypto/tls"
	"testing"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
	"tagbridge/testrig/linktest"
	"tagbridge/testrig/plc"
)

// TestConformance holds the link to drivers.Link, over each transport.
func TestConformance(t *testing.T) {
	for _, transport := range []string{"tcp", "tls", "udp", "rtuovertcp", "asciiovertcp", "rtuoverudp", "rtu", "ascii"} {
		t.Run(transport, func(t *testing.T) {
			linktest.Run(t, func(t testing.TB, timeout time.Duration) linktest.Peer {
				return conforming(t, transport, timeout)
			})
		})
	}
}

// The registers of the two jobs. They are far apart, so that each is an exchange.
var conformingRegisters = [2][]int{{0, 500, 501, 1000}, {2000, 2500, 3000}}

// conforming is a unit to be read over a transport.
func conforming(t testing.TB, transport string, timeout time.Duration) linktest.Peer {
	t.Helper()
	u := plc.NewUnit(plc.UnitOptions{Tags: words(append(conformingRegisters[0], conformingRegisters[1]...)...)})
	set := func(n int) {
		for _, list := range conformingRegisters {
			for _, at := range list {
				if err := u.Set(mapping.Holding, at, uint16(n)); err != nil {
					t.Error(err)
				}
			}
		}
	}
	set(1)
	var lift func()
	inject := func(f plc.Fault) func(bool) {
		return func(on bool) {
			if lift != nil {
				lift()
				lift = nil
			}
			if on {
				lift = u.Inject(f)
			}
		}
	}
	p := linktest.Peer{
		Set: set, Refuse: inject(plc.Fault{Kind: plc.Exception, Code: 2, First: 0, Count: 1}),
		Jobs: func() (a, b *drivers.Job) {
			return conformingJob("first", timeout, conformingRegisters[0]), conformingJob("second", timeout, conformingRegisters[1])
		},
	}
	o := LinkOptions{Transport: transport, Timeout: timeout, Transactions: NewTransactions()}
	o.Address = serveConforming(t, transport, u, &o)
	switch transport {
	case "udp", "rtuoverudp", "rtu", "ascii":
		p.Silence, p.Asked = inject(plc.Fault{Kind: plc.Silence}), u.Asked
	default:
		p.Address = o.Address
	}
	p.Link = func(address string) drivers.Link {
		o := o
		if address != "" {
			o.Address = address
		}
		l, err := NewLink(o)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	return p
}

// serveConforming serves u in the way of the transport, and returns where.
func serveConforming(t testing.TB, transport string, u *plc.Unit, o *LinkOptions) string {
	t.Helper()
	units := map[int]*plc.Unit{1: u}
	switch transport {
	case "tcp", "tls", "udp":
		so := plc.ServerOptions{Units: units}
		network := "tcp"
		switch transport {
		case "tls":
			certificate, pool := selfSigned(t, "127.0.0.1")
			so.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
			o.TLS = &tls.Config{RootCAs: pool}
		case "udp":
			network = "udp"
		}
		s, err := plc.Listen(network, "127.0.0.1:0", so)
		if err != nil {
			t.Fatal(err)
		}
		run(t, s.Serve)
		return s.Addr()
	}
	bus := serveBus(t, transport, plc.LineOptions{Units: units})
	o.Serial = bus.Serial
	return bus.Address
}

// conformingJob reads registers of unit 1.
func conformingJob(name string, timeout time.Duration, registers []int) *drivers.Job {
	tags := words(registers...)
	series := make([]*mapping.Series, len(tags))
	for i, tag := range tags {
		series[i] = mapping.NewSeries(tag, mapping.NewSeriesTraits(tag, mapping.Compile(tag)))
	}
	g := mapping.NewGroup(mapping.Group{Device: name, UnitID: 1, Series: series})
	return &drivers.Job{
		Device: &drivers.Device{Name: name, UnitID: 1, Timeout: timeout, Retries: 1},
		Group:  g, Filter: mapping.NewFilter(g, make([]mapping.Rule, len(tags))), Period: 50 * time.Millisecond,
		Work: planOf(Limits{}, tags...),
	}
}
