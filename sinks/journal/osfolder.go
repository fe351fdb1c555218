package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"tagbridge/sinks"
)

// osFolder is a folder of the operating system. It is a root: no name leads out of it.
type osFolder struct {
	dir  string
	mu   sync.RWMutex
	root *os.Root
	lock *os.File // nil: not locked
	look bool     // for looking only
}

// ErrInUse is why a journal that another process has open cannot be opened.
var ErrInUse = errors.New("another tagbridge uses it")

// openFolder opens dir, making it where it is not, for this process alone. On a file system that cannot be written to
// any more it is opened all the same: what is there can be delivered.
func openFolder(dir string) (*osFolder, error) {
	if err := sinks.MakeFolder(dir, 0o750); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	d := &osFolder{dir: dir, root: root}
	if d.lock, err = lockUp(root); err != nil {
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
	return &osFolder{dir: dir, root: root, look: true}, nil
}

// lockUp takes the lock that one process holds; the system releases it when that process ends, however it ends. Where
// no lock can be made nobody can write either: then there is none.
func lockUp(root *os.Root) (*os.File, error) {
	f, err := root.OpenFile(lockName, os.O_RDWR|os.O_CREATE, 0o640)
	if isReadOnly(err) {
		f, err = root.OpenFile(lockName, os.O_RDONLY, 0)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
	}
	if err != nil {
		return nil, err
	}
	held, err := lockFile(f)
	if held {
		err = fmt.Errorf("lock %s: %w: stop that one, or give this one a bridge.data_dir of its own", f.Name(), ErrInUse)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// at is the root as it is now.
func (d *osFolder) at() *os.Root {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.root
}

// Removed implements folder. One that was moved is still there, for who has it open.
func (d *osFolder) Removed() bool {
	info, err := d.at().Stat(".")
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	return unlinked(info)
}

// remake makes the folder again, which was removed.
func (d *osFolder) remake() error {
	made, err := openFolder(d.dir)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.root.Close()
	if d.lock != nil {
		d.lock.Close()
	}
	d.root, d.lock = made.root, made.lock
	return nil
}

func (d *osFolder) Names() ([]string, error) {
	f, err := d.at().Open(".")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Readdirnames(-1)
}

func (d *osFolder) Create(name string) (file, error) {
	f, err := d.open(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC)
	if errors.Is(err, fs.ErrNotExist) && d.Removed() {
		if err := d.remake(); err != nil {
			return nil, err
		}
		return d.open(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC)
	}
	return f, err
}

func (d *osFolder) Open(name string) (file, error) {
	if d.look {
		return d.open(name, os.O_RDONLY)
	}
	f, err := d.open(name, os.O_RDWR)
	if isReadOnly(err) {
		return d.open(name, os.O_RDONLY)
	}
	return f, err
}

func (d *osFolder) open(name string, flag int) (file, error) {
	f, err := d.at().OpenFile(name, flag, 0o640)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

func (d *osFolder) Rename(from, to string) error { return d.at().Rename(from, to) }

func (d *osFolder) Remove(name string) error { return d.at().Remove(name) }

func (d *osFolder) Sync() error {
	f, err := d.at().Open(".")
	if err != nil {
		return err
	}
	return errors.Join(syncNames(f), f.Close())
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
