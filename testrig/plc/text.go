package plc

import (
	"strings"
	"unicode/utf8"
)

// windows1252 is what the bytes 0x80 to 0x9F stand for there; the five that stand for nothing are the control
// characters of the same number, as the WHATWG's encoding standard has it.
const windows1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ"

var high = []rune(windows1252)

// toUTF8 reads what is not UTF-8 as Windows-1252; a UTF-8 text whose last character is cut, which only a full one can be, is
// read without it.
func toUTF8(s string, full bool) string {
	if utf8.ValidString(s) {
		return s
	}
	for cut := 1; full && cut < utf8.UTFMax && cut < len(s); cut++ {
		whole, rest := s[:len(s)-cut], []byte(s[len(s)-cut:])
		if utf8.ValidString(whole) && !utf8.FullRune(rest) && utf8.RuneCountInString(whole) < len(whole) {
			return whole
		}
	}
	var b strings.Builder
	for i := range len(s) {
		r := rune(s[i])
		if r >= 0x80 && r < 0xA0 {
			r = high[r-0x80]
		}
		b.WriteRune(r)
	}
	return b.String()
}
