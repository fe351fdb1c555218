package bridge

import (
	"context"

	"tagbridge/mapping/config"
)

// ReadOnce connects to e and reads every tag of its devices once, one job after the other, handing each to yield. An
// error is that of connecting: then nothing was read.
func ReadOnce(ctx context.Context, e config.Connection, c *Compiler, yield func(*Reading)) error {
	s, err := OpenSession(ctx, e, c)
	if err != nil {
		return err
	}
	defer s.Close()
	for _, d := range e.Devices {
		s.Read(ctx, d, yield)
	}
	return ctx.Err()
}
