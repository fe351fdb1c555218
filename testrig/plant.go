package testrig

import (
	"context"
	"net/http/httptest"
	"testing"

	"tagbridge/testrig/influxd"
	"tagbridge/testrig/plc"
)

// Modbus serves units on a free port of loopback over network tcp or udp until t ends.
func Modbus(t testing.TB, network string, o plc.ServerOptions) *plc.Server {
	t.Helper()
	return serve(t, network, "127.0.0.1:0", o)
}

// ModbusAt serves units over TCP at address until t ends.
func ModbusAt(t testing.TB, address string, o plc.ServerOptions) *plc.Server {
	t.Helper()
	return serve(t, "tcp", address, o)
}

func serve(t testing.TB, network, address string, o plc.ServerOptions) *plc.Server {
	t.Helper()
	s, err := plc.Listen(network, address, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("serve %s: %v", s.Addr(), err)
		}
	})
	return s
}

// PLC serves one unit with number 1 on a free port of loopback over TCP until t ends.
func PLC(t testing.TB, o plc.UnitOptions) (*plc.Server, *plc.Unit) {
	t.Helper()
	u := plc.NewUnit(o)
	return Modbus(t, "tcp", plc.ServerOptions{Units: map[int]*plc.Unit{1: u}}), u
}

// Influx serves an InfluxDB stand-in on a free port of loopback until t ends; url is where.
func Influx(t testing.TB, o influxd.Options) (s *influxd.Server, url string) {
	t.Helper()
	s = influxd.New(o)
	h := httptest.NewServer(s)
	t.Cleanup(func() {
		s.Thaw()
		h.CloseClientConnections()
		h.Close()
	})
	return s, h.URL
}
