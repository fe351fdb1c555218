package encode

import (
	"math"

	"tagbridge/mapping"
)

// enumText is the text that goes along with the value of s, "" for none.
func enumText(series *mapping.Series, s *mapping.Sample) string {
	if len(series.Enum) == 0 {
		return ""
	}
	switch s.Kind {
	case mapping.Bool, mapping.Int, mapping.Uint, mapping.Int64:
		return series.EnumText(int64(s.Bits))
	case mapping.Uint64:
		if s.Bits <= math.MaxInt64 {
			return series.EnumText(int64(s.Bits))
		}
	case mapping.F32:
		return floatText(series, float64(math.Float32frombits(uint32(s.Bits))))
	case mapping.F64:
		return floatText(series, math.Float64frombits(s.Bits))
	}
	return ""
}

func floatText(series *mapping.Series, f float64) string {
	if f != math.Trunc(f) || math.Abs(f) >= 1<<63 {
		return ""
	}
	return series.EnumText(int64(f))
}

// boolText is true or false.
func boolText(s *mapping.Sample) string {
	if s.Bits != 0 {
		return "true"
	}
	return "false"
}
