package message

import (
	"bytes"
	"fmt"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxPlain bounds a payload before it is compressed: whoever reads it has to make room for that much.
const maxPlain = 4 << 20

// compressor makes payloads smaller. It keeps its memory, and starts no goroutine.
type compressor struct {
	plain []byte // of the present message
	gzip  *gzip.Writer
	zstd  *zstd.Encoder
}

// newCompressor makes one; nil: name says that nothing is compressed.
func newCompressor(name string, f *format) (*compressor, error) {
	switch {
	case name == "" || name == "none":
		return nil, nil
	case !f.many:
		return nil, fmt.Errorf("compress %s of a message of one sample", name)
	case name == "gzip":
		w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
		return &compressor{gzip: w}, err
	case name == "zstd":
		w, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
			zstd.WithWindowSize(256<<10), zstd.WithLowerEncoderMem(true))
		return &compressor{zstd: w}, err
	}
	return nil, fmt.Errorf("compress %q is not one of none gzip zstd", name)
}

// append appends c.plain, compressed; nothing stays nothing.
func (c *compressor) append(dst []byte) []byte {
	switch {
	case len(c.plain) == 0:
		return dst
	case c.zstd != nil:
		return c.zstd.EncodeAll(c.plain, dst)
	}
	out := bytes.NewBuffer(dst)
	c.gzip.Reset(out)
	_, _ = c.gzip.Write(c.plain) // into memory
	_ = c.gzip.Close()
	return out.Bytes()
}
