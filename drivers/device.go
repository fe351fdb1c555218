package drivers

import (
	"time"

	"tagbridge/mapping"
)

// Device is a configured device as its lane sees it. The exported fields do not change while it is applied; the state
// behind them is read by Lane.Devices.
type Device struct {
	Name    string
	Driver  string
	URL     string // without user and password
	UnitID  int    // devices of a lane with the same number share the health of the unit
	Retries int    // after the first try
	// TimestampPerPoll gives all tags of a poll the time of its first answer; an answer more than 100 ms later, and
	// every answer when it is false, has its own.
	TimestampPerPoll bool
	Timeout          time.Duration
	// Beside: its tags are beside those that another lane reads, which tells how the device is doing; this one does not.
	Beside bool
	// Health is the group of the device's own samples, _online (Bool) and _latency_ms (F64) in this order; nil: none.
	Health *mapping.Group
}
