package encode

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"strconv"

	"tagbridge/mapping"
)

// kindNames are the names of kinds in rejected samples.
var kindNames = [...]string{
	mapping.None: "none", mapping.Bool: "bool", mapping.Int: "int", mapping.Uint: "uint", mapping.Int64: "int64",
	mapping.Uint64: "uint64", mapping.F32: "float32", mapping.F64: "float64", mapping.Dec: "decimal",
	mapping.Text: "string",
}

// AppendRejected appends sample i of b as an object and a line feed: the object of Append, the reason, and what else
// sending it again needs:
//
//	…,"kind":"decimal","exp":-1,"status":0,"show_quality":true,"measurement":…,"field":…,"unit_id":1,"own":true,"reason":…,"sum":"0a1b2c3d"}
//
// sum is the CRC-32C of the line before it: a bit that flips on the disk must not be sent again as a Good value. exp, status (the quality's code), show_quality, unit_id and own are left out when they are zero or false.
func (j *JSON) AppendRejected(dst []byte, b *mapping.Batch, i int, reason string) []byte {
	from := len(dst)
	dst = j.AppendOne(dst, b, i)
	dst = dst[:len(dst)-1]
	s, g := &b.Samples[i], b.Group
	series := g.Series[s.Index]
	dst = append(dst, `,"kind":"`...)
	dst = append(dst, kindNames[s.Kind]...)
	dst = append(dst, '"')
	dst = appendJSONInt(dst, "exp", int64(series.Exp))
	dst = appendJSONInt(dst, "status", int64(s.Quality))
	if s.Flags&mapping.ShowQuality != 0 {
		dst = append(dst, `,"show_quality":true`...)
	}
	dst = append(dst, `,"measurement":`...)
	dst = mapping.AppendJSONText(dst, g.Measurement)
	dst = append(dst, `,"field":`...)
	dst = mapping.AppendJSONText(dst, series.Field)
	dst = appendJSONInt(dst, "unit_id", int64(g.UnitID))
	if g.Own {
		dst = append(dst, `,"own":true`...)
	}
	dst = append(dst, `,"reason":`...)
	dst = mapping.AppendJSONText(dst, reason)
	return appendSum(dst, from)
}

// sumMember precedes the sum, which is followed by sumEnd.
const (
	sumMember = `,"sum":"`
	sumEnd    = `"}`
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// appendSum ends the line that begins at from.
func appendSum(dst []byte, from int) []byte {
	sum := crc32.Checksum(dst[from:], castagnoli)
	dst = append(dst, sumMember...)
	dst = hex.AppendEncode(dst, binary.BigEndian.AppendUint32(nil, sum))
	dst = append(dst, sumEnd...)
	return append(dst, '\n')
}

// checkSum is the error about a line that is not as it was written. A line without a sum is of an earlier version, or
// somebody changed it and took the sum away.
func checkSum(line []byte) error {
	line = bytes.TrimRight(line, "\r\n")
	const size = len(sumMember) + 8 + len(sumEnd)
	at := len(line) - size
	if at < 0 || !bytes.HasPrefix(line[at:], []byte(sumMember)) {
		return nil
	}
	want := fmt.Sprintf("%08x", crc32.Checksum(line[:at], castagnoli))
	if got := line[at+len(sumMember):]; string(got[:8]) != want || string(got[8:]) != sumEnd {
		return fmt.Errorf("its sum is %q, that of what is there is %s: it is not as it was written; if you changed it, take \"sum\" away", got[:8], want)
	}
	return nil
}

// appendJSONInt appends a member that is left out when it is 0.
func appendJSONInt(dst []byte, name string, v int64) []byte {
	if v == 0 {
		return dst
	}
	dst = append(dst, ',', '"')
	dst = append(dst, name...)
	dst = append(dst, '"', ':')
	return strconv.AppendInt(dst, v, 10)
}
