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

// holdOpen has heldOpen be true of f until done is called, also when f was closed and renamed by then, or this process ends.
func holdOpen(f *os.File) (done func()) {
	fd, err := syscall.Dup(int(f.Fd()))
	if err != nil {
		return func() {}
	}
	syscall.CloseOnExec(fd)
	_ = syscall.Flock(fd, syscall.LOCK_EX) // where there are no locks, there is nothing to know by
	return func() { syscall.Close(fd) }
}

// heldOpen reports that a process has called holdOpen for the file at path, or that this cannot be told.
func heldOpen(path string) bool {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return true
	}
	defer f.Close()
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil
}
