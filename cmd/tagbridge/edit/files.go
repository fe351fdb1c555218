package edit

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"tagbridge/mapping/config"
)

// maxMap is how large a map may be that is edited: what is larger is no work for a page.
const maxMap = 8 << 20

// names are what the maps of a configuration are called: by their paths from its folder, in so far as they are below it.
type names struct {
	dir    string
	paths  map[string]string // of files, by name
	byPath map[string]string // names by absolute paths
	config string            // its own
}

func namesOf(cfg *config.Config) names {
	n := names{dir: filepath.Dir(cfg.File), paths: map[string]string{}, byPath: map[string]string{}, config: cfg.File}
	for _, m := range cfg.Maps {
		if m.Rows == 0 {
			n.paths[n.of(m.File)] = m.File
			n.byPath[absolute(m.File)] = n.of(m.File)
		}
	}
	return n
}

// of is what path is called, whether it is a map or not.
func (n *names) of(path string) string {
	rel, err := filepath.Rel(n.dir, path)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return filepath.ToSlash(path)
	}
	return filepath.ToSlash(rel)
}

// content is what is in the file at path, and its state; guarded are files that are not shown whatever they are called.
func content(path string, guarded []string) ([]byte, os.FileInfo, error) {
	// Without O_NONBLOCK, opening a pipe that nobody writes to would block for ever.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, plain(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, plain(err)
	}
	if !info.Mode().IsRegular() {
		return nil, info, errors.New("is no regular file")
	}
	for _, g := range guarded {
		if other, err := os.Stat(g); err == nil && os.SameFile(info, other) {
			return nil, info, ErrGuarded
		}
	}
	b, err := io.ReadAll(io.LimitReader(f, maxMap+1))
	if err != nil {
		return nil, info, plain(err)
	}
	if bytes.HasPrefix(b, []byte("PK\x03\x04")) {
		return nil, info, errors.New("is a workbook: edit it in its spreadsheet, and save it there")
	}
	if len(b) > maxMap {
		return nil, info, fmt.Errorf("is larger than %d MiB: edit it on the machine", maxMap>>20)
	}
	return b, info, nil
}

// ErrGuarded is why a map is not shown.
var ErrGuarded = errors.New("is a file that holds secrets, or the configuration itself: it is not shown")

// plain is err without the path, which whoever says it names.
func plain(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// ETag identifies content.
func ETag(content []byte) string { return etagOf(fmt.Sprintf("%x", sha256.Sum256(content))) }

// etagOf is the ETag of what has that sum.
func etagOf(sum string) string {
	if len(sum) < 32 {
		return ""
	}
	return `"` + sum[:32] + `"`
}

// sameTag compares ETags, which people write with and without what HTTP puts around them.
func sameTag(a, b string) bool {
	bare := func(t string) string { return strings.Trim(strings.TrimPrefix(strings.TrimSpace(t), "W/"), `"`) }
	return bare(a) != "" && bare(a) == bare(b)
}

// unwritable is why the file at path cannot be replaced; nil: it can, as far as one can tell beforehand.
func unwritable(path string) error {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return plain(err)
	}
	info, err := os.Stat(target)
	if err != nil {
		return plain(err)
	}
	if !info.Mode().IsRegular() {
		return errors.New("is no regular file")
	}
	return writable(target, info)
}
