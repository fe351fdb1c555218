package encode

import (
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
//	…,"kind":"decimal","exp":-1,"status":0,"show_quality":true,"measurement":…,"field":…,"unit_id":1,"own":true,"reason":…}
//
// exp, status (the quality's code), show_quality, unit_id and own are left out when they are zero or false.
func (j *JSON) AppendRejected(dst []byte, b *mapping.Batch, i int, reason string) []byte {
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
	dst = appendJSONString(dst, g.Measurement)
	dst = append(dst, `,"field":`...)
	dst = appendJSONString(dst, series.Field)
	dst = appendJSONInt(dst, "unit_id", int64(g.UnitID))
	if g.Own {
		dst = append(dst, `,"own":true`...)
	}
	dst = append(dst, `,"reason":`...)
	dst = appendJSONString(dst, reason)
	return append(dst, '}', '\n')
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
