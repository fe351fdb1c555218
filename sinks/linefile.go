package sinks

import (
	"bytes"
	"fmt"
	"io"
	"os"
)

// LineFile is a file that is appended to in whole lines: no error, full disk or crash leaves a part of a line with
// another one behind it. It is for one goroutine at a time.
type LineFile struct {
	f       *os.File
	regular bool  // can be cut; else (a pipe, a terminal) a part of a line is ended by a line feed
	size    int64 // of whole lines
	torn    bool  // a part of a line is behind them
	cut     int64
}

// OpenLineFile opens the file at path, or makes it with that permission. What stands behind its last line feed was
// never acknowledged: it is cut off, see Cut.
func OpenLineFile(path string, perm os.FileMode) (*LineFile, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, perm)
	if err != nil {
		return nil, err
	}
	l := NewLineFile(f)
	if err := l.mend(); err != nil {
		f.Close()
		return nil, fmt.Errorf("cut off half a line: %w", err)
	}
	return l, nil
}

// NewLineFile appends to f, from its end.
func NewLineFile(f *os.File) *LineFile {
	l := &LineFile{f: f}
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		l.regular, l.size = true, info.Size()
	}
	return l
}

// Size is the length of the file in bytes, as far as it is whole lines; 0 of what is not a regular file. Somebody else may
// have cut it.
func (l *LineFile) Size() int64 {
	if info, err := l.f.Stat(); err == nil && l.regular && info.Size() < l.size {
		l.size = info.Size()
	}
	return l.size
}

// Regular reports that it is a file on a disk.
func (l *LineFile) Regular() bool { return l.regular }

// Cut is how many bytes were cut off at opening.
func (l *LineFile) Cut() int64 { return l.cut }

// Write appends lines, the last of which ends in a line feed, or nothing and returns why.
func (l *LineFile) Write(lines []byte) error {
	if err := l.heal(); err != nil {
		return err
	}
	l.Size() // where a part of a line would begin
	n, err := l.f.Write(lines)
	if err != nil {
		l.torn = n > 0
		_ = l.heal() // else before the next lines
		return err
	}
	if l.regular {
		l.size += int64(n)
	}
	return nil
}

// heal takes away, or ends, what an earlier Write has left.
func (l *LineFile) heal() error {
	if !l.torn {
		return nil
	}
	if l.regular {
		if err := l.f.Truncate(l.Size()); err != nil {
			return err
		}
	} else if _, err := l.f.Write([]byte{'\n'}); err != nil {
		return err
	}
	l.torn = false
	return nil
}

// Sync returns when what was written is on the disk.
func (l *LineFile) Sync() error {
	if !l.regular {
		return nil
	}
	return l.f.Sync()
}

// Same reports that path still leads to this file: nobody has moved or removed it.
func (l *LineFile) Same(path string) bool {
	there, err := os.Stat(path)
	if err != nil {
		return false
	}
	here, err := l.f.Stat()
	return err == nil && os.SameFile(here, there)
}

// Close closes the file.
func (l *LineFile) Close() error { return l.f.Close() }

// mend cuts off what stands behind the last line feed.
func (l *LineFile) mend() error {
	if !l.regular || l.size == 0 {
		return nil
	}
	end, err := lastLine(l.f, l.size)
	if err != nil || end == l.size {
		return err
	}
	if err := l.f.Truncate(end); err != nil {
		return err
	}
	l.cut, l.size = l.size-end, end
	return nil
}

// lastLine is the place behind the last line feed of the first size bytes of r.
func lastLine(r io.ReaderAt, size int64) (int64, error) {
	buf := make([]byte, 4096)
	for end := size; end > 0; {
		from := max(0, end-int64(len(buf)))
		part := buf[:end-from]
		if _, err := r.ReadAt(part, from); err != nil {
			return 0, err
		}
		if i := bytes.LastIndexByte(part, '\n'); i >= 0 {
			return from + int64(i) + 1, nil
		}
		end = from
	}
	return 0, nil
}
