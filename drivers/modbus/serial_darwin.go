package modbus

import (
	"time"

	"golang.org/x/sys/unix"
)

const (
	getTermios = unix.TIOCGETA
	setTermios = unix.TIOCSETA
)

// flushPort throws away what a port has received and not sent.
func flushPort(fd int) error { return unix.IoctlSetPointerInt(fd, unix.TIOCFLUSH, 0) }

// awaitInput waits until a descriptor can be read, for no longer than wait, up to a millisecond: macOS has no exact wait.
func awaitInput(fd int, wait time.Duration) {
	unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, int((wait+time.Millisecond-1)/time.Millisecond))
}
