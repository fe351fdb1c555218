package bridge

import (
	"bytes"
	"crypto/sha256"
	"fmt"

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

// hasContent is false of certificates, keys and secrets.
func (f File) hasContent() bool { return f.sum != "" }

// content is what was read.
func (f File) content() ([]byte, error) {
	b, err := s2.Decode(nil, f.packed)
	if err != nil {
		return nil, fmt.Errorf("unpack %s: %w", f.Path, err)
	}
	return b, nil
}
