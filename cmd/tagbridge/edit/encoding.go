package edit

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"tagbridge/mapping/source"
)

// Encoding is how a file holds its text. A file that is edited stays in its own.
type Encoding string

// The encodings that package source reads.
const (
	UTF8        Encoding = "utf-8"
	UTF8Mark    Encoding = "utf-8-bom"
	UTF16Little Encoding = "utf-16le"
	UTF16Big    Encoding = "utf-16be"
	Windows1252 Encoding = "windows-1252"
)

// encodings are all of them.
var encodings = []Encoding{UTF8, UTF8Mark, UTF16Little, UTF16Big, Windows1252}

const (
	markUTF8   = "\xEF\xBB\xBF"
	markLittle = "\xFF\xFE"
	markBig    = "\xFE\xFF"
)

// errNoText is why a file that is read is not edited.
var errNoText = errors.New("it holds bytes that are no text in its encoding, which would be lost: save it as UTF-8 first")

// decode is the text of a file, as the configuration is loaded with it, and its encoding. The text may have errNoText.
func decode(b []byte) (text string, e Encoding, err error) {
	if text, err = source.Text(b); err != nil {
		return "", UTF8, err
	}
	switch {
	case bytes.HasPrefix(b, []byte(markLittle)):
		e = UTF16Little
	case bytes.HasPrefix(b, []byte(markBig)):
		e = UTF16Big
	case !utf8.Valid(b):
		e = Windows1252
	case bytes.HasPrefix(b, []byte(markUTF8)):
		e = UTF8Mark
	default:
		e = UTF8
	}
	if again, err := e.bytes(text); err != nil || !bytes.Equal(again, b) {
		return text, e, errNoText
	}
	return text, e, nil
}

// unheld is a character that an encoding does not have.
type unheld struct {
	offset   int // in the text
	char     rune
	encoding Encoding
}

// Error says what to do.
func (u *unheld) Error() string {
	return fmt.Sprintf("the file is %s, which has no %q: write another character, or save the file as UTF-8", u.encoding, u.char)
}

// encode is text as a file of that encoding, which is read as just that text.
func (e Encoding) encode(text string) ([]byte, error) {
	b, err := e.bytes(text)
	if err != nil {
		return nil, err
	}
	if again, err := source.Text(b); err != nil {
		return nil, err
	} else if again != text {
		return nil, fmt.Errorf("as %s this text would be read as another: save the file as UTF-8", e)
	}
	return b, nil
}

func (e Encoding) bytes(text string) ([]byte, error) {
	switch e {
	case UTF8:
		return []byte(text), nil
	case UTF8Mark:
		return []byte(markUTF8 + text), nil
	case UTF16Little:
		return utf16(text, unicode.LittleEndian)
	case UTF16Big:
		return utf16(text, unicode.BigEndian)
	}
	return windows1252(text)
}

func utf16(text string, order unicode.Endianness) ([]byte, error) {
	return unicode.UTF16(order, unicode.UseBOM).NewEncoder().Bytes([]byte(text))
}

func windows1252(text string) ([]byte, error) {
	out := make([]byte, 0, len(text))
	for i, r := range text {
		b, ok := charmap.Windows1252.EncodeRune(r)
		if !ok {
			return nil, &unheld{i, r, Windows1252}
		}
		out = append(out, b)
	}
	return out, nil
}

// placeIn is where offset lies in text, and in which column if that is CSV.
func placeIn(text string, offset int) (p source.Place, header string) {
	lines := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text[:offset])
	last := lines[strings.LastIndexByte(lines, '\n')+1:]
	p = source.LineCol(1+strings.Count(lines, "\n"), 1+utf8.RuneCountInString(last))
	return p, headerAt(text, offset)
}

// headerAt is the header of the column of a CSV text that offset lies in; "" where it lies in none.
func headerAt(text string, offset int) string {
	r := source.NewCSV(text, func(int, string) {})
	if !r.Begin("tag", "address") || r.Ended() {
		return ""
	}
	r.Record()
	headers := make([]string, len(r.Cells))
	for i, c := range r.Cells {
		headers[i] = c.Text
	}
	for found := ""; ; {
		for i, c := range r.Cells {
			if c.A > offset {
				return found
			}
			if found = ""; i < len(headers) {
				found = headers[i]
			}
		}
		if !r.Next() {
			return found
		}
	}
}
