package main

import (
	"os"
	"strconv"
	"syscall"
)

// underJournal reports that f is the stream that systemd names: its standard error may have been redirected since.
func underJournal(f *os.File, stream string) bool {
	var s syscall.Stat_t
	if stream == "" || syscall.Fstat(int(f.Fd()), &s) != nil {
		return false
	}
	return stream == strconv.FormatUint(s.Dev, 10)+":"+strconv.FormatUint(s.Ino, 10)
}
