package mapping

import "testing"

func TestLimits(t *testing.T) {
	for _, c := range []struct {
		name, typ string
		scaling   Scaling
		clamp     Clamp
		min, max  string
		raw, want string
	}{
		{"inside", "int16", linear(t, "0.1", "0"), 0, "0", "10", "0064", "10.0 Dec Good"},
		{"above max", "int16", linear(t, "0.1", "0"), 0, "0", "10", "0065", "10.1 Dec UncertainEngineeringUnitsExceeded"},
		{"below min", "int16", linear(t, "0.1", "0"), 0, "0", "", "ffff", "-0.1 Dec UncertainEngineeringUnitsExceeded"},
		{"max between steps", "int16", linear(t, "0.1", "0"), 0, "", "10.05", "0065",
			"10.1 Dec UncertainEngineeringUnitsExceeded"},
		{"min between steps", "int16", linear(t, "0.1", "0"), 0, "-0.05", "", "0000", "0.0 Dec Good"},
		{"min between steps, below", "int16", linear(t, "0.1", "0"), 0, "-0.05", "", "ffff",
			"-0.1 Dec UncertainEngineeringUnitsExceeded"},
		{"held high", "int16", span(t, "4000", "20000", "0", "100"), ClampBoth, "", "", "4e21", "100.0 Dec GoodClamped"},
		{"at the end", "int16", span(t, "4000", "20000", "0", "100"), ClampBoth, "", "", "4e20", "100.0 Dec Good"},
		{"held low", "int16", span(t, "4000", "20000", "0", "100"), ClampLow, "", "", "0000", "0.0 Dec GoodClamped"},
		{"not held high", "int16", span(t, "4000", "20000", "0", "100"), ClampLow, "", "", "5dc0", "125.0 Dec Good"},
		{"held and implausible", "int16", span(t, "4000", "20000", "0", "100"), ClampBoth, "", "90", "7fff",
			"100.0 Dec UncertainEngineeringUnitsExceeded"},
		{"held by a fraction", "int16", span(t, "0", "10", "0", "0.005"), ClampHigh, "", "", "000b", "0.005 Dec GoodClamped"},
		{"quotient held", "int16", span(t, "0", "27648", "0", "33.3"), ClampBoth, "", "", "6c01", "33.3 F64 GoodClamped"},
		{"unscaled int", "int16", eng(t, "-10", "10"), ClampBoth, "", "", "000b", "10 Int GoodClamped"},
		{"unscaled int, ends between", "int16", eng(t, "-10.5", "10.5"), ClampBoth, "", "", "8000", "-10 Int GoodClamped"},
		{"unscaled uint, low end negative", "uint16", eng(t, "-10", "10"), ClampBoth, "", "", "0000", "0 Uint Good"},
		{"unscaled int64", "int64", eng(t, "0", "9e18"), ClampBoth, "", "", "7fffffffffffffff",
			"9000000000000000000 Int64 GoodClamped"},
		{"unscaled uint16, low end beyond the type", "uint16", eng(t, "1e9", "2e9"), ClampBoth, "", "", "0000",
			"65535 Uint GoodClamped"},
		{"scaled, low end beyond 15 digits", "int16", span(t, "0", "10", "1e16", "2e16"), ClampLow, "", "", "ffff",
			"10000000000000000.0 F64 GoodClamped"},
		{"scaled, reached end beyond 15 digits", "int16", span(t, "1e18", "0", "1e17", "0"), ClampLow, "", "", "0003",
			"100000000000000000.0 F64 GoodClamped"},
		{"unscaled int64, end beyond the type", "int64", eng(t, "0", "1e30"), ClampBoth, "", "", "7fffffffffffffff",
			"9223372036854775807 Int64 Good"},
		{"unscaled uint64", "uint64", eng(t, "0", "1e19"), ClampBoth, "", "", "ffffffffffffffff",
			"10000000000000000000 Uint64 GoodClamped"},
		{"uint64 above max", "uint64", Scaling{}, 0, "", "5", "0000000000000006",
			"6 Uint64 UncertainEngineeringUnitsExceeded"},
		{"float32 at max", "float32", Scaling{}, 0, "", "23.1", "41b8cccd", "23.1 F32 Good"},
		{"float32 above max", "float32", Scaling{}, 0, "", "23.1", "41b8ccce",
			"23.100002 F32 UncertainEngineeringUnitsExceeded"},
		{"float32 held", "float32", eng(t, "0", "20.3"), ClampBoth, "", "", "41b8cccd", "20.3 F32 GoodClamped"},
		{"float32, end beyond the type", "float32", eng(t, "1e100", "2e100"), ClampLow, "", "", "41b8cccd",
			"3.4028235e+38 F32 GoodClamped"},
		{"float64 held", "float64", eng(t, "0", "20.3"), ClampBoth, "", "", "403719999999999a", "20.3 F64 GoodClamped"},
		{"float16 below min", "float16", Scaling{}, 0, "23.2", "", "4dc6", "23.1 F32 UncertainEngineeringUnitsExceeded"},
		{"bcd above max", "bcd16", Scaling{}, 0, "", "1233", "1234", "1234 Uint UncertainEngineeringUnitsExceeded"},
	} {
		tag := newTag(t, c.typ, "")
		tag.Scaling, tag.Clamp, tag.Min, tag.Max = c.scaling, c.clamp, bound(t, c.min), bound(t, c.max)
		if got := decoded(t, tag, c.raw); got != c.want {
			t.Errorf("%s: %s of %s = %s, want %s", c.name, c.typ, c.raw, got, c.want)
		}
	}
}

// eng is an engineering range without scaling.
func eng(t testing.TB, low, high string) Scaling {
	t.Helper()
	return Scaling{EngMin: dec(t, low), EngMax: dec(t, high)}
}
