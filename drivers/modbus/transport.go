package modbus

import (
	"context"
	"time"
)

// transport makes exchanges over one connection. It is called by one goroutine.
type transport interface {
	open(ctx context.Context) error
	// exchange asks r and returns its answer, r.size() bytes that are valid until the next call: registers in the
	// order of the wire, or bits packed from the least significant one of each byte on.
	//
	// It returns an Exception when that was answered, and a *drivers.NoAnswer when nothing that fits came within
	// w.limit; it is then usable at once again. With any other error the connection is of no more use.
	exchange(ctx context.Context, r request, w wait) ([]byte, error)
	// close releases the connection. It can be opened again.
	close() error
}

// wait is how long an exchange may take, and whose answer is taken.
type wait struct {
	limit  time.Duration
	last   bool   // the try after which the request or its unit is given up: it has the whole limit, whatever is known of the unit
	accept Accept // who else may answer; of numbered requests
}
