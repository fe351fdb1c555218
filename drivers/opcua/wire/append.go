package wire

import (
	"encoding/binary"
	"math"
	"time"
)

var le = binary.LittleEndian

// AppendString appends s; an empty one is none, as most servers expect.
func AppendString(dst []byte, s string) []byte {
	if s == "" {
		return le.AppendUint32(dst, math.MaxUint32)
	}
	return append(le.AppendUint32(dst, uint32(len(s))), s...)
}

// AppendBytes appends a ByteString; nil is none.
func AppendBytes(dst, b []byte) []byte {
	if b == nil {
		return le.AppendUint32(dst, math.MaxUint32)
	}
	return append(le.AppendUint32(dst, uint32(len(b))), b...)
}

// AppendStrings appends an array of String.
func AppendStrings(dst []byte, list []string) []byte {
	dst = le.AppendUint32(dst, uint32(len(list)))
	for _, s := range list {
		dst = AppendString(dst, s)
	}
	return dst
}

// AppendTime appends a DateTime; the zero time is none.
func AppendTime(dst []byte, t time.Time) []byte {
	if t.IsZero() {
		return le.AppendUint64(dst, 0)
	}
	return le.AppendUint64(dst, uint64(t.UnixNano()/100+epoch))
}

// AppendDouble appends a Double.
func AppendDouble(dst []byte, v float64) []byte { return le.AppendUint64(dst, math.Float64bits(v)) }

// AppendText appends a LocalizedText without a locale.
func AppendText(dst []byte, s string) []byte {
	if s == "" {
		return append(dst, 0)
	}
	return AppendString(append(dst, 2), s)
}

// AppendName appends a QualifiedName.
func AppendName(dst []byte, n QualifiedName) []byte {
	return AppendString(le.AppendUint16(dst, n.Space), n.Name)
}

// appendExtension appends an ExtensionObject whose body body appends.
func appendExtension(dst []byte, typ uint32, body func([]byte) []byte) []byte {
	dst = AppendNodeID(dst, Numeric(typ))
	dst = append(dst, 1)
	at := len(dst)
	dst = body(le.AppendUint32(dst, 0))
	le.PutUint32(dst[at:], uint32(len(dst)-at-4))
	return dst
}

// appendBool appends a Boolean.
func appendBool(dst []byte, v bool) []byte {
	if v {
		return append(dst, 1)
	}
	return append(dst, 0)
}
