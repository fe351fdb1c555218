//go:build !windows

package cause

import "syscall"

var (
	refused     = []error{syscall.ECONNREFUSED}
	unreachable = []error{syscall.EHOSTUNREACH, syscall.ENETUNREACH}
	broken      = []error{syscall.ECONNRESET, syscall.EPIPE}
	taken       = []error{syscall.EADDRINUSE}
	foreign     = []error{syscall.EADDRNOTAVAIL}
)
