package journal

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"slices"
	"sync"
	"syscall"
)

// memFolder is a folder in memory that can fail any operation and lose its power.
type memFolder struct {
	mu     sync.Mutex
	files  map[string]*memFile // as processes see it
	stable map[string]*memFile // as it is on the medium
	fail   func(op, name string) error
	reads  int
}

func newMemFolder() *memFolder {
	return &memFolder{files: make(map[string]*memFile), stable: make(map[string]*memFile)}
}

// memFile is a file: what processes see, and what of it is on the medium with the writes on their way there.
type memFile struct {
	d       *memFolder
	name    string
	data    []byte
	stable  []byte
	pending []memWrite
	bad     [2]int64 // bytes from the first to the second cannot be read
}

// memWrite is a write, or when cut is set a truncation to off.
type memWrite struct {
	off  int64
	data []byte
	cut  bool
}

func (d *memFolder) check(op, name string) error {
	if d.fail == nil {
		return nil
	}
	return d.fail(op, name)
}

func (d *memFolder) Names() ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Collect(maps.Keys(d.files)), d.check("names", "")
}

func (d *memFolder) Create(name string) (file, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.check("create", name); err != nil {
		return nil, err
	}
	d.files[name] = &memFile{d: d, name: name}
	return d.files[name], nil
}

func (d *memFolder) Open(name string) (file, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.check("open", name); err != nil {
		return nil, err
	}
	if f := d.files[name]; f != nil {
		return f, nil
	}
	return nil, fs.ErrNotExist
}

func (d *memFolder) Rename(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.check("rename", from); err != nil {
		return err
	}
	d.files[to] = d.files[from]
	delete(d.files, from)
	return nil
}

func (d *memFolder) Remove(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.check("remove", name); err != nil {
		return err
	}
	delete(d.files, name)
	return nil
}

func (d *memFolder) Sync() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.check("sync folder", ""); err != nil {
		return err
	}
	d.stable = maps.Clone(d.files)
	return nil
}

func (d *memFolder) Removed() bool { return false }

func (d *memFolder) Close() error { return nil }

func (f *memFile) ReadAt(b []byte, off int64) (int, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	f.d.reads++
	if err := f.d.check("read", f.name); err != nil {
		return 0, err
	}
	if off >= int64(len(f.data)) {
		return 0, io.EOF
	}
	if end := off + int64(len(b)); off < f.bad[1] && end > f.bad[0] {
		return copy(b, f.data[off:max(off, f.bad[0])]), syscall.EIO
	}
	n := copy(b, f.data[off:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// errHalf fails a write that has got half way.
var errHalf = errors.New("half written")

func (f *memFile) WriteAt(b []byte, off int64) (int, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	err := f.d.check("write", f.name)
	if errors.Is(err, errHalf) {
		b = b[:len(b)/2]
	} else if err != nil {
		return 0, err
	}
	w := memWrite{off: off, data: slices.Clone(b)}
	f.data = w.apply(f.data)
	f.pending = append(f.pending, w)
	return len(b), err
}

func (w memWrite) apply(data []byte) []byte {
	if w.cut {
		if int64(len(data)) > w.off {
			data = data[:w.off]
		}
		return data
	}
	if end := int(w.off) + len(w.data); end > len(data) {
		data = append(data, make([]byte, end-len(data))...)
	}
	copy(data[w.off:], w.data)
	return data
}

func (f *memFile) Size() (int64, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	return int64(len(f.data)), f.d.check("size", f.name)
}

func (f *memFile) Truncate(size int64) error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	w := memWrite{off: size, cut: true}
	f.data = w.apply(f.data)
	f.pending = append(f.pending, w)
	return f.d.check("truncate", f.name)
}

// Sync that fails forgets what was pending, as kernels do: the pages stay readable, and never get to the medium.
func (f *memFile) Sync() error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if err := f.d.check("sync", f.name); err != nil {
		f.pending = nil
		return err
	}
	for _, w := range f.pending {
		f.stable = w.apply(f.stable)
	}
	f.pending = nil
	return nil
}

func (f *memFile) Close() error { return nil }
