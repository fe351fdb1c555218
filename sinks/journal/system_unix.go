//go:build !windows

package journal

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// lockFile takes the lock of f for as long as that is open; held: another process has it.
func lockFile(f *os.File) (held bool, err error) {
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	return errors.Is(err, syscall.EWOULDBLOCK), err
}

// LockHeld reports whether a process has the lock of f, the lock file of a journal. It is not kept from one that opens it.
func LockHeld(f *os.File) (bool, error) {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return true, nil
	}
	return false, err
}

// unlinked reports that a folder which is open was removed.
func unlinked(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && stat.Nlink == 0
}

// syncNames makes the names in a folder survive a power loss.
func syncNames(folder *os.File) error { return folder.Sync() }

func isReadOnly(err error) bool { return errors.Is(err, syscall.EROFS) }

func isFull(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }
