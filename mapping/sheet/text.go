package sheet

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
)

// readShared reads the texts that cells share.
func (b *Book) readShared(part string) error {
	return b.each(part, func(d *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local != "si" {
			return nil
		}
		text, err := richText(d, "si")
		b.shared = append(b.shared, text)
		return err
	})
}

// richText is the text up to the end of the element of that name: of runs in various letters one after the other, without
// what tells how to pronounce them.
func richText(d *xml.Decoder, until string) (string, error) {
	var text strings.Builder
	inText, phonetic := false, false
	for {
		t, err := d.RawToken()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return "", err
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "t":
				inText = true
			case "rPh":
				phonetic = true
			}
		case xml.CharData:
			if inText && !phonetic {
				text.Write(t)
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "t":
				inText = false
			case "rPh":
				phonetic = false
			case until:
				return unescaped(text.String()), nil
			}
		}
	}
}

// unescaped is text without _x000D_ and the like, which is how characters are written that XML cannot hold.
func unescaped(text string) string {
	if !strings.Contains(text, "_x") {
		return text
	}
	var out strings.Builder
	var units []uint16
	flush := func() {
		out.WriteString(string(utf16.Decode(units)))
		units = units[:0]
	}
	for len(text) > 0 {
		if len(text) >= 7 && text[0] == '_' && text[1] == 'x' && text[6] == '_' {
			if n, err := strconv.ParseUint(text[2:6], 16, 16); err == nil {
				units = append(units, uint16(n))
				text = text[7:]
				continue
			}
		}
		flush()
		out.WriteByte(text[0])
		text = text[1:]
	}
	flush()
	return out.String()
}

// sharedText is the text of that number.
func (b *Book) sharedText(number string) (string, error) {
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 || n >= len(b.shared) {
		return "", fmt.Errorf("a cell has text number %q, and there are %d: it is damaged", number, len(b.shared))
	}
	b.left -= int64(len(b.shared[n]))
	if b.left < 0 {
		return "", tooLarge(b.limits)
	}
	return b.shared[n], nil
}
