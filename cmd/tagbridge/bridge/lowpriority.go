package bridge

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// AtLowPriority runs f on a thread that yields the processors to all others, so that reads stay in time. f runs to its end
// before AtLowPriority returns.
func AtLowPriority(f func()) {
	done := make(chan struct{})
	var panicked any
	go func() {
		defer close(done)
		defer func() { panicked = recover() }()
		// The thread ends with this goroutine, as it is not unlocked: nobody could make it as quick as before.
		runtime.LockOSThread()
		unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), 10)
		f()
	}()
	<-done
	if panicked != nil {
		panic(panicked) // where whoever asked for f may deal with it
	}
}
