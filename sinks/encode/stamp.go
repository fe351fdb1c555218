package encode

import "time"

// stamp writes times; samples of one poll share their second, which is kept. The zero value is ready.
type stamp struct {
	second int64
	text   []byte // of that second, up to it; nil at first
}

// append appends the time in RFC 3339, UTC, with nine decimals.
func (c *stamp) append(dst []byte, ns int64) []byte {
	const nano = int64(time.Second)
	second, rest := ns/nano, ns%nano
	if rest < 0 {
		second, rest = second-1, rest+nano
	}
	if c.text == nil || second != c.second {
		c.text = time.Unix(second, 0).UTC().AppendFormat(c.text[:0], "2006-01-02T15:04:05")
		c.second = second
	}
	dst = append(dst, c.text...)
	dst = append(dst, ".000000000Z"...)
	for at := len(dst) - 2; rest > 0; at-- {
		dst[at] = byte('0' + rest%10)
		rest /= 10
	}
	return dst
}
