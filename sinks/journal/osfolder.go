package journal

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"tagbridge/sinks"
)

// osFolder is a folder of the operating system. It is a root: no name leads out of it.
type osFolder struct {
	root *os.Root
	lock *os.File // nil: not locked, for looking only
}

// openFolder opens dir, making it where it is not, for this process alone.
func openFolder(dir string) (*osFolder, error) {
	if err := sinks.MakeFolder(dir, 0o750); err != nil {
		return nil, err
	}
	d, err := lookFolder(dir)
	if err != nil {
		return nil, err
	}
	if err := d.lockUp(); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// lookFolder opens dir for looking, beside the process that it belongs to.
func lookFolder(dir string) (*osFolder, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &osFolder{root: root}, nil
}

// ErrInUse is why a journal that another process has open cannot be opened.
var ErrInUse = errors.New("another tagbridge uses it")

// lockUp takes the lock that one process holds; the system releases it when that process ends, however it ends.
func (d *osFolder) lockUp() error {
	f, err := d.root.OpenFile(lockName, os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return err
	}
	d.lock = f
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return fmt.Errorf("lock %s: %w: stop that one, or give this one a bridge.data_dir of its own", f.Name(), ErrInUse)
	}
	return err
}

func (d *osFolder) Names() ([]string, error) {
	f, err := d.root.Open(".")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Readdirnames(-1)
}

func (d *osFolder) Create(name string) (file, error) {
	return d.open(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC)
}

func (d *osFolder) Open(name string) (file, error) {
	if d.lock == nil {
		return d.open(name, os.O_RDONLY)
	}
	return d.open(name, os.O_RDWR)
}

func (d *osFolder) open(name string, flag int) (file, error) {
	f, err := d.root.OpenFile(name, flag, 0o640)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

func (d *osFolder) Rename(from, to string) error { return d.root.Rename(from, to) }

func (d *osFolder) Remove(name string) error { return d.root.Remove(name) }

func (d *osFolder) Sync() error {
	f, err := d.root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func (d *osFolder) Close() error {
	err := d.root.Close()
	if d.lock != nil {
		err = errors.Join(err, d.lock.Close())
	}
	return err
}

// osFile is a file of the operating system.
type osFile struct{ *os.File }

func (f osFile) Sync() error { return datasync(f.File) }

func (f osFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
