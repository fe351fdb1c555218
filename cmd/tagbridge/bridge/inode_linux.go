package bridge

import (
	"io/fs"
	"syscall"
)

// inode is which file info is of, and when anything of it changed last, its mode and owner included.
func inode(info fs.FileInfo) (number, changed uint64) {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return s.Ino, uint64(s.Ctim.Nano())
	}
	return 0, 0
}
