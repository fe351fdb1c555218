//go:build !windows

package modbus

import (
	"errors"
	"io"
	"syscall"
	"time"
)

// rawPoll reads from a descriptor that does not block, waiting for no longer than wait: 0 and no error when nothing
// comes. The wait holds a thread, and is exact: the runtime's own are of whole milliseconds.
func rawPoll(raw syscall.RawConn, b []byte, wait time.Duration) (int, error) {
	var n int
	var err error
	failed := raw.Control(func(fd uintptr) {
		if wait > 0 {
			awaitInput(int(fd), wait)
		}
		n, err = syscall.Read(int(fd), b)
	})
	if failed != nil {
		return 0, failed
	}
	switch {
	case errors.Is(err, syscall.EAGAIN), errors.Is(err, syscall.EINTR):
		return 0, nil
	case err != nil:
		return 0, err
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (s *socketStream) poll(b []byte, wait time.Duration) (int, error) {
	n, err := rawPoll(s.raw, b, wait)
	if s.packet && err == io.EOF { // an empty datagram
		return 0, nil
	}
	return n, err
}
