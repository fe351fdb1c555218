package sinks

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// KeptCount counts the samples in the folder of a sink's rejected ones again and again, of each file only what has been
// added since. The zero value has counted nothing. It is safe for concurrent use.
type KeptCount struct {
	mu    sync.Mutex
	files map[string]keptFile // by name
}

type keptFile struct {
	size  int64
	lines int
}

// Count is how many there are in dir now; none when there is no folder. What cannot be read is as it was.
func (c *KeptCount) Count(dir string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return c.sum()
	}
	files := make(map[string]keptFile, len(entries))
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || fileNumber(e.Name()) == 0 {
			continue
		}
		f := c.files[e.Name()]
		if info.Size() < f.size {
			f = keptFile{} // another of the same name
		}
		files[e.Name()] = f.grown(filepath.Join(dir, e.Name()), info.Size())
	}
	c.files = files
	return c.sum()
}

func (c *KeptCount) sum() int {
	n := 0
	for _, f := range c.files {
		n += f.lines
	}
	return n
}

// grown is f with what the file at path has more of up to size.
func (f keptFile) grown(path string, size int64) keptFile {
	if size == f.size {
		return f
	}
	in, err := os.Open(path)
	if err != nil {
		return f
	}
	defer in.Close()
	lines, buf := f.lines, make([]byte, 64<<10)
	more := io.NewSectionReader(in, f.size, size-f.size)
	for {
		n, err := more.Read(buf)
		lines += bytes.Count(buf[:n], []byte{'\n'})
		if errors.Is(err, io.EOF) {
			return keptFile{size, lines}
		}
		if err != nil {
			return f
		}
	}
}
