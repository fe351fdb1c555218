package bridge

import (
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"tagbridge/drivers"
	"tagbridge/drivers/modbus"
	"tagbridge/mapping/config"
	"tagbridge/sinks"
)

// NewLink makes the link of an endpoint, unopened. numbers are those of all links to the endpoint; nil: it is the only one.
func NewLink(e config.Connection, log *slog.Logger, numbers *modbus.Transactions) (drivers.Link, error) {
	if d := e.Devices[0]; d.Driver == "opcua" {
		return newOPCUALink(d, e.Endpoint, log)
	}
	o := modbus.LinkOptions{
		Transport:   e.Transport,
		Address:     e.Address,
		Pause:       e.Pause,
		Serial:      modbus.Serial(e.Serial),
		Echo:        e.Echo,
		RS485:       modbus.RS485(e.RS485),
		GatewayBaud: e.GatewayBaud,
		CloseAfter:  e.CloseAfter,
		Log:         log,

		AfterConnect: e.AfterConnect,
		Transactions: numbers,
	}
	for _, d := range e.Devices {
		o.Timeout = max(o.Timeout, d.Timeout)
	}
	if e.Transport == "tls" {
		c, err := sinks.TLS(e.TLS).Config()
		if err != nil {
			return nil, err
		}
		o.TLS = c
	}
	return modbus.NewLink(o)
}

// accept is a checked accept_unit.
func accept(unit string) modbus.Accept {
	n, err := strconv.ParseUint(unit, 10, 8)
	return modbus.Accept{Any: unit == config.AnyUnit, Only: err == nil, Unit: uint8(n)}
}

// PublicURL is the address of an endpoint without anything secret.
func PublicURL(e config.Endpoint) string {
	if e.Transport == "" {
		return e.Key // as it is written
	}
	url := e.Transport + "://" + e.Address
	if s := e.Serial; s.Baud > 0 {
		url += fmt.Sprintf("?baud=%d&data=%d&parity=%s&stop=%d", s.Baud, s.Data, s.Parity, s.Stop)
	}
	return url
}

// patience bounds one device's part of a command that reads once.
func patience(d *config.Device, requests int) time.Duration {
	return 5*time.Second + time.Duration(requests*(d.Retries+1))*(d.Timeout+time.Second)
}
