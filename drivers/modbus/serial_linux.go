package modbus

import (
	"time"

	"golang.org/x/sys/unix"
)

const (
	getTermios = unix.TCGETS
	setTermios = unix.TCSETS
)

// flushPort throws away what a port has received and not sent.
func flushPort(fd int) error { return unix.IoctlSetInt(fd, unix.TCFLSH, unix.TCIOFLUSH) }

// awaitInput waits until a descriptor can be read, for no longer than wait, exactly.
func awaitInput(fd int, wait time.Duration) {
	t := unix.NsecToTimespec(int64(wait))
	unix.Ppoll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, &t, nil)
}
