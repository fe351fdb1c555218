package mqtt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"tagbridge/sinks"
)

// bdSeq numbers the connections of a node, in its wills and births (Sparkplug 3.0.0, 5.4): from 0 to 255, and over again. The
// will of a connection that has ended may come long after the births of the next: hosts tell them apart by it, so it is on
// disk before it is used, and goes on after a restart. It is for one goroutine at a time.
type bdSeq struct {
	path  string // "": it is only kept in memory
	known bool
	last  uint8
}

// bdSeqSize is that of the file: the number, and a checksum of it.
const bdSeqSize = 8

// next is the number of the next connection. It is usable whatever err says, which is about the disk.
func (b *bdSeq) next() (n uint8, err error) {
	if !b.known {
		b.last, err = b.read()
		b.known = true
	}
	b.last++
	return b.last, errors.Join(err, b.write())
}

// read is the last number that was used. Where that cannot be known, it is taken from the clock: to begin at 0 again is
// what is most likely to be taken for an old connection.
func (b *bdSeq) read() (uint8, error) {
	if b.path == "" {
		return 255, nil
	}
	text, err := os.ReadFile(b.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 255, nil
	case err == nil && len(text) == bdSeqSize && crc32.ChecksumIEEE(text[:4]) == binary.BigEndian.Uint32(text[4:]):
		return text[3], nil
	case err == nil:
		err = errors.New("it is damaged")
	}
	return uint8(time.Now().Unix()), fmt.Errorf("read %s: %w", filepath.Base(b.path), err)
}

// write keeps the last number: in a new file, which takes the place of the old one once it is on disk.
func (b *bdSeq) write() error {
	if b.path == "" {
		return nil
	}
	text := []byte{0, 0, 0, b.last}
	text = binary.BigEndian.AppendUint32(text, crc32.ChecksumIEEE(text))
	if err := sinks.MakeFolder(filepath.Dir(b.path), 0o750); err != nil {
		return err
	}
	return sinks.ReplaceFile(b.path, text, 0o640)
}
