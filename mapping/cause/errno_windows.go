package cause

import "syscall"

// The sockets of Windows have numbers of their own for these (winsock2.h), which are not those that package syscall has for
// the names of POSIX.
var (
	refused     = []error{syscall.ECONNREFUSED, syscall.Errno(10061)}
	unreachable = []error{syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.Errno(10065), syscall.Errno(10051)}
	broken      = []error{syscall.ECONNRESET, syscall.EPIPE, syscall.Errno(10054), syscall.Errno(10053)}
	taken       = []error{syscall.EADDRINUSE, syscall.Errno(10048)}
	foreign     = []error{syscall.EADDRNOTAVAIL, syscall.Errno(10049)}
)
