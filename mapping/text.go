package mapping

import (
	"unicode/utf8"
)

// windows1252 are the characters 0x80 to 0x9F of Windows-1252; the rest are those of Unicode. The five codes that it
// leaves free stay control characters, as browsers have it.
var windows1252 = [32]rune{
	'€', 0x81, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0x8D, 'Ž', 0x8F,
	0x90, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0x9D, 'ž', 'Ÿ',
}

// registersText decodes a string: two characters a register, the one in the high byte first.
func (c *Codec) registersText(raw []byte, b *Batch, s *Sample) {
	at := len(b.Blob)
	swap := 0
	if c.order.SwapsBytes() {
		swap = 1
	}
	n := min(int(c.length), len(raw))
	for i := range n {
		ch := raw[i^swap]
		if ch == 0 {
			break
		}
		b.Blob = append(b.Blob, ch)
	}
	if len(b.Blob)-at < 2 && spaced(raw) {
		b.Blob = b.Blob[:at]
		noValue(s, BadDecodingError)
		return
	}
	if len(b.Blob)-at == n {
		b.Blob = trimCut(b.Blob, at)
	}
	b.Blob = trimBlanks(b.Blob, at)
	if !utf8.Valid(b.Blob[at:]) {
		b.Blob = decodeWindows1252(b.Blob, at)
	}
	c.finishText(at, b, s)
}

// spaced reports that raw has a character in each register and not in each byte: such a text looks empty, or as if it
// had one character. What is left of an old text after the end of a new one does not look like that.
func spaced(raw []byte) bool {
	high, low := 0, 0 // registers from the first on with a character in this byte alone
	for i := 0; i+1 < len(raw); i += 2 {
		if raw[i] != 0 && raw[i+1] == 0 && 2*high == i {
			high++
		}
		if raw[i] == 0 && raw[i+1] != 0 && 2*low == i {
			low++
		}
	}
	return high >= 3 || low >= 3
}

// trimCut drops the beginning of a character of UTF-8 that the end of the registers has cut, when the text is UTF-8
// without it: when it has other characters beyond ASCII, as its last bytes alone could be Windows-1252 as well.
func trimCut(blob []byte, at int) []byte {
	text := blob[at:]
	end := len(text)
	for end > 0 && len(text)-end < utf8.UTFMax && !utf8.RuneStart(text[end-1]) {
		end--
	}
	if end--; end < 0 || utf8.FullRune(text[end:]) || !utf8.Valid(text[:end]) || utf8.RuneCount(text[:end]) == end {
		return blob
	}
	return blob[:at+end]
}

func trimBlanks(blob []byte, at int) []byte {
	for len(blob) > at && (blob[len(blob)-1] == ' ' || blob[len(blob)-1] == '\t') {
		blob = blob[:len(blob)-1]
	}
	return blob
}

// decodeWindows1252 turns the bytes from at on into UTF-8, from the last to the first, so that it needs no copy.
func decodeWindows1252(blob []byte, at int) []byte {
	n, size := len(blob), 0
	for _, ch := range blob[at:] {
		size += utf8.RuneLen(runeOf1252(ch))
	}
	for len(blob) < at+size {
		blob = append(blob, 0)
	}
	var buf [utf8.UTFMax]byte
	end := at + size
	for i := n - 1; i >= at; i-- {
		one := buf[:utf8.EncodeRune(buf[:], runeOf1252(blob[i]))]
		end -= len(one)
		copy(blob[end:], one)
	}
	return blob
}

func runeOf1252(ch byte) rune {
	if 0x80 <= ch && ch < 0xA0 {
		return windows1252[ch-0x80]
	}
	return rune(ch)
}

// finishText makes s of the text that stands in b.Blob from at on.
func (c *Codec) finishText(at int, b *Batch, s *Sample) {
	text := b.Blob[at:]
	if c.invalid != nil && c.invalid.hasText(text) {
		b.Blob = b.Blob[:at]
		noValue(s, BadNoData)
		return
	}
	s.Kind, s.Bits, s.Quality = Text, uint64(at)<<32|uint64(len(text)), Good
}
