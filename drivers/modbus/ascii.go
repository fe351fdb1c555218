package modbus

import "bytes"

// ascii is the framing of text: ':' unit function data LRC, each byte as two hexadecimal digits, then CR LF (serial
// line V1.02, 2.5.2).
type ascii struct{ frame []byte }

const hexDigits = "0123456789ABCDEF"

func (ascii) appendRequest(dst []byte, r request) []byte {
	b := [7]byte{r.unit, r.function, byte(r.address >> 8), byte(r.address), byte(r.count >> 8), byte(r.count)}
	b[6] = lrc(b[:6])
	dst = append(dst, ':')
	for _, c := range b {
		dst = append(dst, hexDigits[c>>4], hexDigits[c&15])
	}
	return append(dst, '\r', '\n')
}

// parse finds the first frame in b that answers r. A colon always begins a frame: what stands before it is noise.
// The data is valid until the next call.
func (a *ascii) parse(r request, b []byte) (answer, bool) {
	for at := 0; ; {
		i := bytes.IndexByte(b[at:], ':')
		if i < 0 {
			return answer{}, false
		}
		at += i + 1
		end := bytes.IndexAny(b[at:], ":\n")
		if end < 0 || b[at+end] == ':' {
			continue
		}
		f, ok := a.decode(b[at : at+end])
		if !ok {
			continue
		}
		found := answer{end: at + end + 1}
		size := r.size()
		switch {
		case f[0] != r.unit:
		case f[1] == r.function && len(f) == 3+size && int(f[2]) == size:
			found.data = f[3:]
			return found, true
		case f[1] == r.function|0x80 && len(f) == 3:
			found.err = Exception(f[2])
			return found, true
		}
	}
}

// decode is the bytes of a frame between its colon and its line feed, without the LRC, if that is right. Digits of
// either case are taken, as some devices write small ones.
func (a *ascii) decode(text []byte) ([]byte, bool) {
	text, whole := bytes.CutSuffix(text, []byte{'\r'})
	if !whole || len(text)%2 != 0 || len(text) < 2*4 || len(text) > 2*256 {
		return nil, false
	}
	a.frame = a.frame[:0]
	for i := 0; i < len(text); i += 2 {
		hi, lo := hexValue(text[i]), hexValue(text[i+1])
		if hi > 15 || lo > 15 {
			return nil, false
		}
		a.frame = append(a.frame, hi<<4|lo)
	}
	last := len(a.frame) - 1
	if lrc(a.frame[:last]) != a.frame[last] {
		return nil, false
	}
	return a.frame[:last], true
}

// hexValue is the value of a digit, above 15 for anything else.
func hexValue(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	}
	return 255
}

func (ascii) requestChars() int { return 1 + 2*7 + 2 }

func (ascii) answerChars(r request) int { return 1 + 2*(4+r.size()) + 2 }
