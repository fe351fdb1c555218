package edit

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// noFollow is not needed: making a link takes rights that who may write here does not have.
const noFollow = 0

// writable is why the regular file at target, which info is of, cannot be replaced. The rights of Windows show when it is
// tried; the attribute is what people set.
func writable(_ string, info fs.FileInfo) error {
	if info.Mode().Perm()&0o200 == 0 {
		return errors.New("it is marked read-only")
	}
	return nil
}

// lockFolder locks a folder for as long as f is open; held: somebody else has the lock. Of folders there are no locks: a file in
// it has it.
func lockFolder(dir string) (f *os.File, held bool, err error) {
	if f, err = os.OpenFile(filepath.Join(dir, ".changing"), os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return nil, false, err
	}
	err = windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY,
		0, 1, 0, new(windows.Overlapped))
	if err == nil {
		return f, false, nil
	}
	f.Close()
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return nil, true, nil
	}
	return nil, false, err
}
