//go:build !windows

package bridge

import (
	"io/fs"
	"os"
	"syscall"
)

// SyncFolder makes the names in a folder survive a power loss.
func SyncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// GiveTo gives f to the owner and group of the file that info is of, as far as this process may; only root may give to others.
func GiveTo(f *os.File, info fs.FileInfo) {
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return
	}
	if f.Chown(int(owner.Uid), int(owner.Gid)) != nil {
		_ = f.Chown(-1, int(owner.Gid))
	}
}
