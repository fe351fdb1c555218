package modbus

import (
	"context"
	"time"
)

// transport makes exchanges over one connection. It is called by one goroutine.
type transport interface {
	// open connects; limit is how long the first answers may take.
	open(ctx context.Context, limit time.Duration) error
	// exchange asks r and returns its answer, r.size() bytes that are valid until the next call: registers in the
	// order of the wire, or bits packed from the least significant one of each byte on.
	//
	// It returns an Exception when that was answered, and a *drivers.NoAnswer when nothing that fits came within
	// w.limit; it is then usable at once again. With any other error the connection is of no more use.
	exchange(ctx context.Context, r request, w wait) ([]byte, error)
	// close releases the connection. It can be opened again.
	close() error
}

// wait is how long an exchange may take.
type wait struct {
	limit  time.Duration
	silent bool // the unit's last answer did not come in time
}
