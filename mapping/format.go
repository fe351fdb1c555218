package mapping

import "strconv"

// AppendNumber appends the shortest decimal that reads back as the number of s: whole floats without a point. exp is
// the Exp of its series. Samples that are no numbers append nothing.
func AppendNumber(dst []byte, s *Sample, exp int8) []byte {
	return strconv.AppendInt(dst, int64(s.Bits), 10)
}

// AppendJSONNumber is AppendNumber, but float kinds always have a point or an exponent.
func AppendJSONNumber(dst []byte, s *Sample, exp int8) []byte { return AppendNumber(dst, s, exp) }
