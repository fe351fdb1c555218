package nats

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// What a server may send. A publisher is sent acknowledgements of a few hundred bytes, and INFO with the addresses of the
// cluster.
const (
	maxLine    = 64 << 10
	maxInbound = 64 << 10
)

// front is what the bytes of a server pass before the library's parser sees them: whole operations, none longer than the
// limits. The parser after it makes room for as many bytes as a MSG says that it has, in a goroutine where nothing can catch a
// panic.
type front struct {
	in   *bufio.Reader
	buf  []byte
	rest []byte // of buf, not read yet
}

func newFront(r io.Reader) *front { return &front{in: bufio.NewReaderSize(r, 4096)} }

// Read implements io.Reader: it never spans two operations.
func (f *front) Read(p []byte) (int, error) {
	for len(f.rest) == 0 {
		if err := f.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

// next reads one operation.
func (f *front) next() error {
	line, err := readLine(f.in, f.buf[:0])
	f.buf = line
	if err != nil {
		return err
	}
	size, err := admit(line)
	if err != nil {
		return fmt.Errorf("the server broke the protocol: %w", err)
	}
	if size >= 0 {
		at := len(f.buf)
		f.buf = append(f.buf, make([]byte, size+2)...)
		if _, err := io.ReadFull(f.in, f.buf[at:]); err != nil {
			return err
		}
		if !bytes.HasSuffix(f.buf, crlf) {
			return errors.New("the server broke the protocol: a message is longer than it says")
		}
	}
	f.rest = f.buf
	return nil
}

var crlf = []byte("\r\n")

// readLine appends a line to dst, its end included.
func readLine(in *bufio.Reader, dst []byte) ([]byte, error) {
	for {
		part, err := in.ReadSlice('\n')
		dst = append(dst, part...)
		switch {
		case len(dst) > maxLine:
			return dst, fmt.Errorf("the server broke the protocol: a line of more than %d bytes", maxLine)
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		}
		return dst, err
	}
}

// admit decides whether an operation that begins with line may pass. size is how many bytes of a message follow it; -1: it is
// none.
func admit(line []byte) (size int, err error) {
	words := bytes.Fields(line)
	if len(words) == 0 {
		return -1, nil // which the parser leaves out
	}
	op := strings.ToUpper(string(words[0]))
	if strings.HasSuffix(op, "MSG") && bytes.ContainsRune(bytes.TrimSuffix(line, crlf), '\r') {
		return 0, fmt.Errorf("a %.20q with a carriage return in it", op) // for which the parser takes off the end of the size
	}
	switch op {
	case "INFO", "PING", "PONG", "+OK", "-ERR":
		return -1, nil
	case "MSG": // subject sid [reply] size
		if len(words) != 4 && len(words) != 5 {
			return 0, fmt.Errorf("a MSG of %d words", len(words))
		}
		return count(words[len(words)-1])
	case "HMSG": // subject sid [reply] size-of-headers size
		if len(words) != 5 && len(words) != 6 {
			return 0, fmt.Errorf("a HMSG of %d words", len(words))
		}
		headers, err := count(words[len(words)-2])
		if err != nil {
			return 0, err
		}
		size, err := count(words[len(words)-1])
		if err == nil && headers > size {
			err = fmt.Errorf("a HMSG with %d bytes of headers in %d bytes", headers, size)
		}
		return size, err
	}
	return 0, fmt.Errorf("%.20q is no operation of NATS", words[0])
}

// count reads how many bytes follow.
func count(word []byte) (int, error) {
	n, err := strconv.ParseUint(string(word), 10, 31)
	if err != nil || n > maxInbound {
		return 0, fmt.Errorf("a message of %.20q bytes, at most %d are taken", word, maxInbound)
	}
	return int(n), nil
}
