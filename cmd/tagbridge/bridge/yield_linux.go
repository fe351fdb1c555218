package bridge

import "golang.org/x/sys/unix"

// yield has this thread leave the processors to all others. The thread ends with its goroutine: nobody could make it as
// quick as before.
func yield() { unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), 10) }
