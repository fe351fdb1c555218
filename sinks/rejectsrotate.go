package sinks

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// rotate removes the oldest files until r.buf has its place, but never the one that is open.
func (r *Rejects) rotate() error {
	total := int64(len(r.buf))
	for _, f := range r.files {
		total += f.size
	}
	for total > r.o.MaxSize && len(r.files) > 0 {
		oldest := r.files[0]
		if len(r.files) == 1 && r.open != nil {
			break
		}
		lines, err := countLines(oldest.path)
		if err == nil {
			err = os.Remove(oldest.path)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		r.rotated.Add(uint64(lines))
		r.files = r.files[1:]
		total -= oldest.size
	}
	if int64(len(r.buf)) > r.o.MaxSize {
		return errors.New("more than is to be kept at all")
	}
	return nil
}

// countDropped adds to counts what is no longer kept.
func (r *Rejects) countDropped(counts map[string]uint64) {
	if r == nil {
		return
	}
	if n := r.rotated.Load(); n > 0 {
		counts[DroppedRotated] = n
	}
	if n := r.unwritable.Load(); n > 0 {
		counts[DroppedUnwritable] = n
	}
}

// Close closes the file that is open. More can be added afterwards.
func (r *Rejects) Close() error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.end()
}

// countLines counts the lines of a file.
func countLines(path string) (int, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	n, buf := 0, make([]byte, 64<<10)
	for {
		size, err := f.Read(buf)
		n += bytes.Count(buf[:size], []byte{'\n'})
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}

// fileNumber is the number in the name of a file of rejected samples, 0 for other files.
func fileNumber(path string) int {
	name, ok := strings.CutSuffix(filepath.Base(path), ".jsonl")
	n, err := strconv.Atoi(name)
	if !ok || err != nil || n < 0 {
		return 0
	}
	return n
}
