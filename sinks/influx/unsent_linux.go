package influx

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// unsent is how many bytes the kernel still has that the other side has not acknowledged (tcp(7), SIOCOUTQ).
func unsent(c syscall.RawConn) int {
	n := 0
	_ = c.Control(func(fd uintptr) { // after an error nothing is known, and the connection is gone
		n, _ = unix.IoctlGetInt(int(fd), unix.SIOCOUTQ)
	})
	return n
}
