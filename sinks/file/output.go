package file

import (
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"

	"tagbridge/sinks"
)

// rotated is a file that is put aside when it is full, or when somebody has moved or removed it.
type rotated struct {
	path    string
	maxSize int64
	header  string // of each file
	log     *slog.Logger
	f       *sinks.LineFile
	begun   bool // the header was written, or was there
}

func (r *rotated) write(lines []byte) error {
	if err := r.open(len(lines)); err != nil {
		return err
	}
	if empty := r.f.Size() == 0; r.header != "" && empty && (!r.begun || r.f.Regular()) {
		if err := r.f.Write([]byte(r.header)); err != nil {
			return err
		}
	}
	r.begun = true
	if err := r.f.Write(lines); err != nil {
		return err
	}
	return r.f.Sync()
}

// open makes the file ready for n bytes.
func (r *rotated) open(n int) error {
	if r.f != nil && !r.f.Same(r.path) {
		if err := r.Close(); err != nil {
			return err
		}
	}
	if err := r.reopen(); err != nil {
		return err
	}
	if r.maxSize <= 0 || r.f.Size() == 0 || r.f.Size()+int64(n) <= r.maxSize {
		return nil
	}
	if err := r.Close(); err != nil {
		return err
	}
	if err := putAside(r.path); err != nil {
		return err
	}
	return r.reopen()
}

func (r *rotated) reopen() error {
	if r.f != nil {
		return nil
	}
	f, err := sinks.OpenLineFile(r.path, 0o640)
	if err != nil {
		return unwrapPath(err)
	}
	if f.Cut() > 0 {
		r.log.Warn("half a line at the end of the file cut off: it was never acknowledged", "path", r.path, "bytes", f.Cut())
	}
	r.f, r.begun = f, false
	return nil
}

// Close closes the file; the next write opens it again.
func (r *rotated) Close() error {
	if r.f == nil {
		return nil
	}
	f := r.f
	r.f = nil
	return f.Close()
}

// putAside renames path to path.1, path.1 to path.2 and so on; the one before last takes the place of the last. What is
// after a gap stays: a rotation that was not finished left it. Where path is a link, that is what it leads to: the files
// stay on the disk that was chosen for them, and the link leads to the new one.
func putAside(path string) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return unwrapPath(err)
	}
	name := func(i int) string {
		if i == 0 {
			return path
		}
		return path + "." + strconv.Itoa(i)
	}
	last := 1
	for ; last < Kept; last++ {
		if _, err := os.Lstat(name(last)); errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	for i := last; i > 0; i-- {
		if err := os.Rename(name(i-1), name(i)); err != nil {
			return unwrapPath(err)
		}
	}
	return nil
}

// unwrapPath leaves the path out of an error; the sink's own message has it.
func unwrapPath(err error) error {
	if e := (*fs.PathError)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}

// stream is standard output: what was begun cannot be taken back, so that half a line is ended before the next one.
type stream struct {
	w      io.Writer
	header string
	begun  bool // the header is written
	torn   bool
}

func (s *stream) write(lines []byte) error {
	if s.torn {
		if _, err := s.w.Write([]byte{'\n'}); err != nil {
			return err
		}
		s.torn = false
	}
	if !s.begun && s.header != "" {
		if err := s.put([]byte(s.header)); err != nil {
			return err
		}
	}
	s.begun = true
	return s.put(lines)
}

func (s *stream) put(b []byte) error {
	n, err := s.w.Write(b)
	if err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	s.torn = err != nil && n > 0 && b[n-1] != '\n'
	return err
}

// Close leaves standard output open: it is not ours.
func (s *stream) Close() error { return nil }
