package influx

import (
	"bytes"
	"errors"
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"

	"tagbridge/mapping"
	"tagbridge/sinks"
	"tagbridge/sinks/encode"
)

// body is the content of a request, in memory that the next one uses again.
type body struct {
	join   encode.Join
	text   []byte
	packed bytes.Buffer
	gz     *gzip.Writer
	sent   []byte // text or packed
	water  sinks.HighWater
}

// level is that of the compression: see BenchmarkGzip.
const level = gzip.HuffmanOnly

// encode makes v the content.
func (b *body) encode(line *encode.Line, v *sinks.View, pack bool) {
	if b.water.Shed(len(b.text), cap(b.text)+b.packed.Cap()) {
		b.text, b.packed = nil, bytes.Buffer{}
	}
	b.text = b.text[:0]
	write := func(part *mapping.Batch) { b.text = line.Append(b.text, part) }
	if line.Wide() {
		b.join.Each(v.Batches, write)
	} else {
		for i := range v.Batches {
			write(&v.Batches[i])
		}
	}
	b.sent = b.text
	if pack && len(b.text) > 0 {
		b.pack()
	}
}

// pack compresses text.
func (b *body) pack() {
	b.packed.Reset()
	if b.gz == nil {
		b.gz, _ = gzip.NewWriterLevel(&b.packed, level) // fails for an unknown level only
	} else {
		b.gz.Reset(&b.packed)
	}
	_, _ = b.gz.Write(b.text) // a bytes.Buffer takes everything
	_ = b.gz.Close()
	b.sent = b.packed.Bytes()
}

// size is the length of the content.
func (b *body) size() int { return len(b.sent) }

// reader reads the content once; it must be released before the memory is used again.
func (b *body) reader() *reader { return &reader{rest: b.sent} }

// reader is read by net/http, in a goroutine of its own that may go on reading after the request has returned.
type reader struct {
	mu   sync.Mutex
	rest []byte
	read int
	gone bool
}

var errReleased = errors.New("the request is over")

// Read implements io.Reader.
func (r *reader) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.gone {
		return 0, errReleased
	}
	if len(r.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	r.read += n
	return n, nil
}

// out is how much was read.
func (r *reader) out() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.read
}

// release ends all reading: when it has returned, nobody looks at the memory any more.
func (r *reader) release() {
	r.mu.Lock()
	r.gone = true
	r.rest = nil
	r.mu.Unlock()
}
