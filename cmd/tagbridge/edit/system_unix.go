//go:build !windows

package edit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// noFollow has a link not be opened in the place of a file.
const noFollow = syscall.O_NOFOLLOW

// writable is why the regular file at target, which info is of, cannot be replaced.
func writable(target string, info fs.FileInfo) error {
	owner, _ := info.Sys().(*syscall.Stat_t)
	folder := filepath.Dir(target)
	switch err := unix.Access(folder, unix.W_OK|unix.X_OK); {
	case owner != nil && owner.Nlink > 1:
		return errors.New("it has a second name (a hard link), which would keep the old text")
	case errors.Is(err, unix.EROFS):
		return fmt.Errorf("the folder %s is read-only for the service: see manual/operating.md, Editing from the page", folder)
	case err != nil:
		return fmt.Errorf("the service may not write in the folder %s: see manual/operating.md, Editing from the page", folder)
	}
	if err := unix.Access(target, unix.W_OK); err != nil {
		return errors.New("the service may not write it: see manual/operating.md, Editing from the page")
	}
	if me := os.Geteuid(); owner != nil && me != 0 && owner.Uid != 0 && int(owner.Uid) != me {
		return fmt.Errorf("it belongs to user %d, to whom the service could not give it back: give it to the service, or to root", owner.Uid)
	}
	return nil
}

// lockFolder locks a folder for as long as f is open; held: somebody else has the lock.
func lockFolder(dir string) (f *os.File, held bool, err error) {
	if f, err = os.Open(dir); err != nil {
		return nil, false, err
	}
	if err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err == nil {
		return f, false, nil
	}
	f.Close()
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, true, nil
	}
	return nil, false, err
}
