//go:build !linux

package influx

import "syscall"

// unsent is not known.
func unsent(syscall.RawConn) int { return 0 }
