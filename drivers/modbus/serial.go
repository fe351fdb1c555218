package modbus

import (
	"context"
	"time"
)

// RS485 is the direction control of a serial adapter by its RTS line.
type RS485 struct {
	Enabled             bool
	RTSBefore, RTSAfter time.Duration
}

// newSerialBus is a line on a serial port.
func newSerialBus(o LinkOptions) *bus {
	dial := func(context.Context) (stream, error) { return openPort(o) }
	l := newBus(newFraming(o.Transport), newPace(o.Serial), resting(o.AfterConnect, dial))
	l.echo, l.learns = o.Echo, true
	return l
}
