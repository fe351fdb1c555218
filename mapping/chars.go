package mapping

import "unicode/utf8"

// registersChars decodes a text of one character a register, in its low byte after the order. Another byte that is not NUL is
// a second character, or something else: no such text.
func (c *Codec) registersChars(raw []byte, b *Batch, s *Sample) {
	at := len(b.Blob)
	for i := 0; i+1 < len(raw); i += 2 {
		none, ch := raw[i], raw[i+1]
		if c.order.SwapsBytes() {
			none, ch = ch, none
		}
		if none != 0 {
			b.Blob = b.Blob[:at]
			noValue(s, BadDecodingError)
			return
		}
		if ch == 0 {
			break
		}
		b.Blob = append(b.Blob, ch)
	}
	b.Blob = trimBlanks(b.Blob, at)
	if !utf8.Valid(b.Blob[at:]) {
		b.Blob = decodeWindows1252(b.Blob, at)
	}
	c.finishText(at, b, s)
}
