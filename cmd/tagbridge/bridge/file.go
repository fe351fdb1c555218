package bridge

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/klauspost/compress/s2"
)

// File is a file that a configuration depends on, with what was read of the configuration and of tag maps: packed, as
// it is kept until it is in the history.
type File struct {
	Path   string
	state  fileState // when it was read
	sum    string    // of the content; "" of certificates, keys and secrets, which have none here
	packed []byte
}

// NewFile is the file at path, which was just read; content is nil of certificates, keys and secrets. It keeps nothing of
// content, and no more memory than the packed text takes.
func NewFile(path string, content []byte) File {
	if content == nil {
		return File{Path: path, state: stateOf(path)}
	}
	return File{Path: path, state: stateOf(path), sum: fmt.Sprintf("%x", sha256.Sum256(content)), packed: bytes.Clone(s2.Encode(nil, content))}
}

// IsText is false of certificates, keys and secrets.
func (f File) IsText() bool { return f.sum != "" }

// content is what was read.
func (f File) content() ([]byte, error) {
	b, err := s2.Decode(nil, f.packed)
	if err != nil {
		return nil, fmt.Errorf("unpack %s: %w", f.Path, err)
	}
	return b, nil
}

// Sum identifies what was read of a text: its SHA-256 in hexadecimal.
func (f File) Sum() string { return f.sum }

// Changed reports that what is at its path is no longer what was read.
func (f File) Changed() bool { return stateOf(f.Path) != f.state }

// Stamp is f without what was read: enough to see whether it has changed.
func (f File) Stamp() File { return File{Path: f.Path, state: f.state, sum: f.sum} }

// Since is how long before t what was read was last changed, as far as the file says so.
func (f File) Since(t time.Time) time.Duration {
	return t.Sub(time.Unix(0, int64(binary.LittleEndian.Uint64(f.state[24:]))))
}
