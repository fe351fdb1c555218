package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// Limits of what is read. A configuration is written by hand, a map by a spreadsheet: what is larger is the wrong file.
const (
	maxFile   = 64 << 20
	maxSecret = 64 << 10
)

// ErrSpreadsheet says what to do with a file that only its spreadsheet can read.
var ErrSpreadsheet = errors.New("a spreadsheet's own format: save it as CSV (UTF-8), or let tagbridge export make one of it, and name that file")

// readFile reads a regular file: what else has a path may never end.
func readFile(path string, limit int64) ([]byte, error) {
	if info, err := os.Stat(path); err == nil && !info.IsDir() && !info.Mode().IsRegular() {
		return nil, errors.New("is no regular file")
	}
	return readAny(path, limit)
}

// readAny reads a file or pipe.
func readAny(path string, limit int64) ([]byte, error) {
	// Without O_NONBLOCK, opening a pipe that nobody writes to would block for ever.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, plain(err)
	}
	defer f.Close()
	size := int64(0)
	if info, err := f.Stat(); err == nil {
		if info.IsDir() {
			return nil, errors.New("is a folder, not a file")
		}
		size = info.Size()
	}
	return readSized(f, size, limit)
}

func readAll(r io.Reader, limit int64) ([]byte, error) { return readSized(r, 0, limit) }

// readSized reads all of r, of which about size bytes are expected.
func readSized(r io.Reader, size, limit int64) ([]byte, error) {
	var text bytes.Buffer
	text.Grow(int(min(size, limit)) + bytes.MinRead)
	if _, err := text.ReadFrom(io.LimitReader(r, limit+1)); err != nil {
		return nil, plain(err)
	}
	b := text.Bytes()
	if int64(len(b)) > limit {
		return nil, tooLarge(limit)
	}
	return b, nil
}

func tooLarge(limit int64) error {
	return fmt.Errorf("larger than %d MiB: is this the right file?", limit>>20)
}

// plain is err without the path that the message already names.
func plain(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// Text is the text of a file that a person or a spreadsheet wrote, as Load reads it: UTF-8, UTF-16 by its mark, else
// Windows-1252.
func Text(b []byte) (string, error) {
	text, _, err := decodeText(b)
	return text, err
}

// decodeText is b as UTF-8. UTF-16 is known by its byte order mark; what is no UTF-8 is taken for Windows-1252, and
// guessed is then the offset of the first byte that said so, else -1.
func decodeText(b []byte) (text string, guessed int, err error) {
	switch {
	case bytes.HasPrefix(b, []byte{0xEF, 0xBB, 0xBF}):
		b = b[3:]
	case bytes.HasPrefix(b, []byte{0xFF, 0xFE}), bytes.HasPrefix(b, []byte{0xFE, 0xFF}):
		b, err = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(b)
		return string(b), -1, err
	}
	if bytes.HasPrefix(b, []byte("PK\x03\x04")) || bytes.HasPrefix(b, []byte{0xD0, 0xCF, 0x11, 0xE0}) {
		return "", -1, ErrSpreadsheet
	}
	if i := bytes.IndexByte(b, 0); i >= 0 {
		return "", -1, errors.New("holds NUL bytes: not text, or UTF-16 without its mark; save it as UTF-8")
	}
	if utf8.Valid(b) {
		return string(b), -1, nil
	}
	guessed = firstInvalid(b)
	b, err = charmap.Windows1252.NewDecoder().Bytes(b)
	return string(b), guessed, err
}

func firstInvalid(b []byte) int {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}
