package bridge

import (
	"context"
	"log/slog"

	"tagbridge/drivers"
	"tagbridge/drivers/modbus"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
)

// Reading is what reading a device once gave.
type Reading struct {
	Job   *drivers.Job
	Batch mapping.Batch // a sample for each tag of the job
	Err   error         // of the unit or the connection
}

// ReadOnce connects to e and reads every tag of its devices once, one job after the other, handing each to yield. An
// error is that of connecting: then nothing was read.
func ReadOnce(ctx context.Context, e config.Connection, c *Compiler, yield func(*Reading)) error {
	link, err := NewLink(e, slog.New(slog.DiscardHandler), nil)
	if err != nil {
		return err
	}
	if err := open(ctx, link, e.Devices[0]); err != nil {
		return err
	}
	defer link.Close()
	for _, d := range e.Devices {
		_, jobs := c.Device(d)
		for _, j := range jobs {
			r := Reading{Job: j}
			r.Batch.Reset(j.Group)
			within, cancel := context.WithTimeout(ctx, patience(d, len(j.Group.Series))+e.AfterConnect)
			r.Err = modbus.ReadOnce(within, link, j, &r.Batch)
			cancel()
			yield(&r)
		}
	}
	return ctx.Err()
}

// open connects. The link of an OPC UA server bounds itself, by the timeout of its device.
func open(ctx context.Context, link drivers.Link, d *config.Device) error {
	if d.Driver == "opcua" {
		return link.Open(ctx)
	}
	within, cancel := context.WithTimeout(ctx, connectTime+d.Endpoint.AfterConnect)
	defer cancel()
	return link.Open(within)
}
