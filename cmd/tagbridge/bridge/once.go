package bridge

import (
	"context"
	"log/slog"
	"time"

	"tagbridge/drivers"
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
	first := e.Devices[0]
	protocol := c.protocols.of(first)
	link, err := protocol.link(e, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	if err := openWithin(ctx, link, protocol.manner(first).connect); err != nil {
		return err
	}
	defer link.Close()
	for _, d := range e.Devices {
		for _, j := range c.Device(d) {
			r := Reading{Job: j}
			r.Batch.Reset(j.Group)
			within, cancel := context.WithTimeout(ctx, patience(d, len(j.Group.Series))+e.AfterConnect)
			r.Err = drivers.ReadOnce(within, link, j, &r.Batch)
			cancel()
			yield(&r)
		}
	}
	return ctx.Err()
}

// openWithin connects, within a time that is not 0.
func openWithin(ctx context.Context, link drivers.Link, limit time.Duration) error {
	if limit == 0 {
		return link.Open(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return link.Open(ctx)
}

// patience bounds one device's part of a command that reads once.
func patience(d *config.Device, requests int) time.Duration {
	return 5*time.Second + time.Duration(requests*(d.Retries+1))*(d.Timeout+time.Second)
}
