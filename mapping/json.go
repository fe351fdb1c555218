package mapping

import (
	"strconv"
	"unicode/utf8"
)

// AppendJSONValue appends the value of s, a sample of series, as JSON: a number, true or false, a string, or null. text is
// that of a sample of kind Text.
func AppendJSONValue(dst []byte, series *Series, s *Sample, text []byte) []byte {
	switch {
	case s.Kind == None || !s.IsFinite():
		return append(dst, "null"...)
	case s.Kind == Bool:
		return strconv.AppendBool(dst, s.Bits != 0)
	case s.Kind == Text:
		return AppendJSONText(dst, text)
	}
	return AppendJSONNumber(dst, s, series.Exp)
}

// AppendJSONText appends s in quotes, escaped as RFC 8259, 7 demands and no further; what is not UTF-8 becomes
// U+FFFD.
func AppendJSONText[T string | []byte](dst []byte, s T) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c < ' ' || c == '"' || c == '\\' {
				dst = append(dst, s[from:i]...)
				dst = appendJSONEscape(dst, c)
				from = i + 1
			}
			i++
			continue
		}
		// At most the four bytes of one rune are converted, which costs no memory.
		r, size := utf8.DecodeRuneInString(string(s[i:min(i+utf8.UTFMax, len(s))]))
		if r == utf8.RuneError && size == 1 {
			dst = append(dst, s[from:i]...)
			dst = append(dst, "\uFFFD"...)
			from = i + 1
		}
		i += size
	}
	dst = append(dst, s[from:]...)
	return append(dst, '"')
}

func appendJSONEscape(dst []byte, c byte) []byte {
	const hex = "0123456789abcdef"
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xF])
}
