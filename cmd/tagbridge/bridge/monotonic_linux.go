package bridge

import "golang.org/x/sys/unix"

// monotonic is the time of the clock that systemd goes by, in microseconds.
func monotonic() (us int64, ok bool) {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		return 0, false
	}
	return now.Nano() / 1000, true
}
