package journal

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// locked reports that a journal is open in dir, as far as the system tells who has a lock: without trying to get it, which
// would be in the way of one that opens.
func locked(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, "lock"))
	if err != nil {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return false
	}
	// proc(5): "1: FLOCK ADVISORY WRITE 4711 08:02:131074 0 EOF"
	list, err := os.ReadFile("/proc/locks")
	if err != nil {
		return false
	}
	inode := fmt.Appendf(nil, ":%d", stat.Ino)
	for line := range bytes.Lines(list) {
		if f := bytes.Fields(line); len(f) >= 6 && bytes.Equal(f[1], []byte("FLOCK")) && bytes.HasSuffix(f[5], inode) {
			return true
		}
	}
	return false
}
