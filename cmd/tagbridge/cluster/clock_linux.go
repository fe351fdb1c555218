package cluster

import (
	"time"

	"golang.org/x/sys/unix"
)

// clock goes on while the process is stopped and while the PC sleeps, and nobody sets it (clock_gettime(2), CLOCK_BOOTTIME).
type clock struct{}

func newClock() clock { return clock{} }

func (clock) now() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t); err != nil {
		panic(err) // of a kernel before 2.6.39
	}
	return time.Duration(t.Nano())
}
