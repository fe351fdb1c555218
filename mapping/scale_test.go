package mapping

import "testing"

func TestScaleLinear(t *testing.T) {
	for _, c := range []struct{ typ, scale, offset, raw, want string }{
		{"int16", "0.1", "0", "0003", "0.3 Dec Good"},
		{"int16", "0.1", "0", "fffd", "-0.3 Dec Good"},
		{"int16", "0.1", "-40", "0003", "-39.7 Dec Good"},
		{"int16", "1", "0.05", "0003", "3.05 Dec Good"},
		{"uint16", "100", "0", "ffff", "6553500.0 Dec Good"},
		{"uint16", "1e20", "0", "0002", "200000000000000000000.0 F64 Good"},
		{"uint16", "1e-20", "0", "0002", "2e-20 F64 Good"},
		{"int16", "-1", "0", "8000", "32768.0 Dec Good"},
		{"uint32", "0.001", "0", "ffffffff", "4294967.295 Dec Good"},
		{"uint32", "0.123456789", "0", "ffffffff", "530242871.100716 F64 Good"},
		{"bcd32", "0.01", "0", "12345678", "123456.78 Dec Good"},
		{"int64", "0.001", "0", "7fffffffffffffff", "9223372036854780.0 F64 Good"},
		{"uint64", "0.1", "0", "ffffffffffffffff", "1844674407370960000.0 F64 Good"},
		{"uint64", "1", "1", "0000000000000003", "4.0 F64 Good"},
		{"uint64", "1", "4e18", "7ce66c50e2840000", "13000000000000000000.0 F64 Good"},
		{"int32", "1", "-999999999999999", "80000000", "-1000002147483650.0 F64 Good"},
		// 15 digits and a half, and what is far behind it.
		{"int64", "1", "0.0", "00038d7ea4c68005", "1000000000000000.0 F64 Good"},
		{"int64", "1", "1e-40", "00038d7ea4c68005", "1000000000000010.0 F64 Good"},
		{"int64", "1", "-1e-40", "00038d7ea4c6800f", "1000000000000010.0 F64 Good"},
		{"int64", "1", "1e-120", "00038d7ea4c68005", "1000000000000010.0 F64 Good"},
		{"int64", "1", "-1e-120", "00038d7ea4c6800f", "1000000000000010.0 F64 Good"},
		{"int64", "1", "-1e-120", "00038d7ea4c68005", "1000000000000000.0 F64 Good"},
		{"float32", "10", "0", "41b8cccd", "231.0 F64 Good"},
		{"float32", "0.1", "0.001", "41b8cccd", "2.311 F64 Good"},
		{"float32", "1", "0", "7fc00000", "null None BadNoData"},
		{"float64", "1000", "0", "7fefffffffffffff", "null None BadNoData"},
		{"float64", "0.001", "0", "403719999999999a", "0.0231 F64 Good"},
		{"float16", "10", "0", "4dc6", "231.0 F64 Good"},
	} {
		tag := newTag(t, c.typ, "")
		tag.Scaling = linear(t, c.scale, c.offset)
		if got := decoded(t, tag, c.raw); got != c.want {
			t.Errorf("%s × %s + %s of %s = %s, want %s", c.typ, c.scale, c.offset, c.raw, got, c.want)
		}
	}
}

func TestScaleRange(t *testing.T) {
	for _, c := range []struct{ typ, rawMin, rawMax, engMin, engMax, raw, want string }{
		{"int16", "4000", "20000", "0", "100", "1770", "12.5 Dec Good"},
		{"int16", "0", "27648", "0", "100", "6c00", "100.0 F64 Good"},
		{"int16", "0", "27648", "0", "100", "0001", "0.00361689814814815 F64 Good"},
		{"int16", "0", "27648", "0", "100", "0000", "0.0 F64 Good"},
		{"int16", "0", "3", "0", "1", "0002", "0.666666666666667 F64 Good"},
		{"int16", "0", "3", "0", "1", "fffe", "-0.666666666666667 F64 Good"},
		{"int16", "0", "10", "100", "0", "0003", "70.0 Dec Good"},
		{"int16", "0", "10", "5", "5", "0003", "5.0 Dec Good"},
		{"float32", "4", "20", "0", "1.5", "41400000", "0.75 F64 Good"},
		{"float32", "0", "3", "0", "1", "41b8cccd", "7.7 F64 Good"},
		{"uint64", "0", "3", "0", "1", "ffffffffffffffff", "6148914691236520000.0 F64 Good"},
		{"uint64", "0", "1009", "0", "1", "0e00b027725e93b5", "1000000000000000.0 F64 Good"},
		{"uint64", "0", "1009", "0", "1", "0e00b027725e93b6", "1000000000000010.0 F64 Good"},
		{"int16", "0", "1e-128", "0", "1e-128", "0003", "3.0 Dec Good"},
		{"int16", "0", "1e-100", "0", "123456789e-128", "0003", "3.70370367e-20 F64 Good"},
		{"int16", "1e-9", "1e12", "0", "1e12", "0003", "2.999999999 Dec Good"},
	} {
		tag := newTag(t, c.typ, "")
		tag.Scaling = span(t, c.rawMin, c.rawMax, c.engMin, c.engMax)
		if got := decoded(t, tag, c.raw); got != c.want {
			t.Errorf("%s %s..%s to %s..%s of %s = %s, want %s",
				c.typ, c.rawMin, c.rawMax, c.engMin, c.engMax, c.raw, got, c.want)
		}
	}
}
