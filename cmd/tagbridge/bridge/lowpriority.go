package bridge

import "runtime"

// AtLowPriority runs f on a thread that yields the processors to all others, so that reads stay in time. f runs to its end
// before AtLowPriority returns.
func AtLowPriority(f func()) {
	done := make(chan struct{})
	var panicked any
	go func() {
		defer close(done)
		defer func() { panicked = recover() }()
		runtime.LockOSThread()
		yield()
		f()
	}()
	<-done
	if panicked != nil {
		panic(panicked) // where whoever asked for f may deal with it
	}
}
