//go:build !windows

package main

import (
	"runtime/debug"
	"syscall"
)

// crashBySignal has every crash (a panic, memory that is not to be had, SIGSEGV, SIGABRT, SIGQUIT) end the process by a
// signal. Go would end it with status 2, which is that of a bad configuration: a service manager would not start it again.
// No core is written: it would hold passwords.
func crashBySignal() {
	debug.SetTraceback("crash")
	var core syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_CORE, &core) == nil {
		core.Cur = 0
		_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &core) // lowering it is always allowed
	}
}
