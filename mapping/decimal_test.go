package mapping

import (
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

func TestParseDecimal(t *testing.T) {
	for _, c := range []struct {
		in   string
		want Decimal
		text string
	}{
		{"0", Decimal{}, "0"},
		{"-0.000", Decimal{}, "0"},
		{"0e999", Decimal{}, "0"},
		{"23.1", Decimal{231, -1}, "23.1"},
		{"+23.10", Decimal{231, -1}, "23.1"},
		{"-.5", Decimal{-5, -1}, "-0.5"},
		{"5.", Decimal{5, 0}, "5"},
		{"27648", Decimal{27648, 0}, "27648"},
		{"100", Decimal{1, 2}, "100"},
		{"1e-3", Decimal{1, -3}, "0.001"},
		{"1.5E+2", Decimal{15, 1}, "150"},
		{"0.000001", Decimal{1, -6}, "0.000001"},
		{"123456789012345678", Decimal{123456789012345678, 0}, "123456789012345678"},
		{"12345678901234567800000", Decimal{123456789012345678, 5}, "123456789012345678e5"},
		{"1e127", Decimal{1, 127}, "1e127"},
		{"1e-128", Decimal{1, -128}, "1e-128"},
	} {
		got, err := ParseDecimal(c.in)
		if err != nil || got != c.want {
			t.Errorf("ParseDecimal(%q) = %v, %v, want %v", c.in, got, err, c.want)
		}
		if got.String() != c.text {
			t.Errorf("%q prints as %s, want %s", c.in, got, c.text)
		}
	}
}

func TestParseDecimalRefuses(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", "not a number"},
		{".", "not a number"},
		{"-", "not a number"},
		{"1.2.3", "not a number"},
		{"--1", "not a number"},
		{"+-1", "not a number"},
		{"1e", "not a number"},
		{"e5", "not a number"},
		{"1e5.0", "not a number"},
		{"0x10", "not a number"},
		{"NaN", "not a number"},
		{"inf", "not a number"},
		{"1_000", "not a number"},
		{"1,5", "comma in a number"},
		{"1234567890123456789", "19 significant digits"},
		{"1e128", "exponent out of range"},
		{"1e99999999999999999999", "exponent out of range"},
		{"1e-129", "exponent out of range"},
	} {
		got, err := ParseDecimal(c.in)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("ParseDecimal(%q) = %v, %v, want an error with %q", c.in, got, err, c.want)
		}
	}
}

func TestDecimalInt(t *testing.T) {
	for _, c := range []struct {
		in   Decimal
		want int64
		ok   bool
	}{
		{Decimal{5, 2}, 500, true},
		{Decimal{-5, 18}, -5e18, true},
		{Decimal{5, 19}, 0, false},
		{Decimal{5, 127}, 0, false},
		{Decimal{0, 127}, 0, true},
		{Decimal{50, -1}, 5, true},
		{Decimal{55, -1}, 0, false},
		{Decimal{1, -128}, 0, false},
	} {
		if got, ok := c.in.Int(); got != c.want || ok != c.ok {
			t.Errorf("%v.Int() = %d, %v, want %d, %v", c.in, got, ok, c.want, c.ok)
		}
	}
}

func TestDecimalAgainstBig(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 20000 {
		a, b := randomDecimal(r), randomDecimal(r)
		if r.IntN(4) == 0 {
			b = a
		}
		if got, want := a.Cmp(b), bigDecimal(a).Cmp(bigDecimal(b)); got != want {
			t.Errorf("%v.Cmp(%v) = %d, want %d", a, b, got, want)
		}
		want, _ := strconv.ParseFloat(a.String(), 64)
		if got := a.Float64(); got != want {
			t.Errorf("%v.Float64() = %v, want %v", a, got, want)
		}
	}
}

func FuzzParseDecimal(f *testing.F) {
	for _, s := range []string{"0", "-23.10", "1e-3", ".5", "5.", "1,5", "123456789012345678", "1e127", "1e", "--1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDecimal(s)
		if err != nil {
			return
		}
		want, ok := new(big.Rat).SetString(s)
		if !ok || bigDecimal(d).Cmp(want) != 0 {
			t.Errorf("ParseDecimal(%q) = %v, want %v", s, d, want)
		}
		if again, err := ParseDecimal(d.String()); err != nil || again != d {
			t.Errorf("ParseDecimal(%q) = %v, %v, want %v", d.String(), again, err, d)
		}
	})
}
