package mapping

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
)

func f32(v float32) *Sample { return &Sample{Kind: F32, Bits: uint64(math.Float32bits(v))} }
func f64(v float64) *Sample { return &Sample{Kind: F64, Bits: math.Float64bits(v)} }
func mant(m int64) *Sample  { return &Sample{Kind: Dec, Bits: uint64(m)} }

func TestAppendNumber(t *testing.T) {
	for _, c := range []struct {
		s          *Sample
		exp        int8
		want, json string
	}{
		{&Sample{Kind: Int, Bits: 1<<64 - 5}, 0, "-5", "-5"},
		{&Sample{Kind: Int64, Bits: 1 << 63}, 0, "-9223372036854775808", "-9223372036854775808"},
		{&Sample{Kind: Uint, Bits: 7}, 0, "7", "7"},
		{&Sample{Kind: Uint64, Bits: math.MaxUint64}, 0, "18446744073709551615", "18446744073709551615"},
		{mant(231), -1, "23.1", "23.1"},
		{mant(230), -1, "23", "23.0"},
		{mant(-3), -1, "-0.3", "-0.3"},
		{mant(0), -3, "0", "0.0"},
		{mant(5), 2, "500", "500.0"},
		{mant(10050), -3, "10.05", "10.05"},
		{mant(1), -6, "0.000001", "0.000001"},
		{mant(1), -7, "1e-7", "1e-7"},
		{mant(123), -9, "1.23e-7", "1.23e-7"},
		{mant(999999999999999), -15, "0.999999999999999", "0.999999999999999"},
		{mant(999999999999999), -16, "0.0999999999999999", "0.0999999999999999"},
		{mant(1), 21, "1e+21", "1e+21"},
		{f32(23.1), 0, "23.1", "23.1"},
		{f32(-23.1), 0, "-23.1", "-23.1"},
		{f32(23), 0, "23", "23.0"},
		{f32(0), 0, "0", "0.0"},
		{f32(float32(math.Copysign(0, -1))), 0, "-0", "-0.0"},
		{f32(0.001), 0, "0.001", "0.001"},
		{f32(16777216), 0, "16777216", "16777216.0"},
		{f32(1e-7), 0, "1e-7", "1e-7"},
		{f32(math.MaxFloat32), 0, "3.4028235e+38", "3.4028235e+38"},
		{f64(23.1), 0, "23.1", "23.1"},
		{f64(0.30000000000000004), 0, "0.30000000000000004", "0.30000000000000004"},
		{f64(1e6), 0, "1000000", "1000000.0"},
		{f64(1e20), 0, "100000000000000000000", "100000000000000000000.0"},
		{f64(1e21), 0, "1e+21", "1e+21"},
		{f64(1e-6), 0, "0.000001", "0.000001"},
		{f64(5e-324), 0, "5e-324", "5e-324"},
		{&Sample{Kind: Bool, Bits: 1}, 0, "", ""},
		{&Sample{}, 0, "", ""},
	} {
		if got := string(AppendNumber([]byte("x"), c.s, c.exp)); got != "x"+c.want {
			t.Errorf("AppendNumber(%+v, %d) = %q, want %q", *c.s, c.exp, got, "x"+c.want)
		}
		if got := string(AppendJSONNumber(nil, c.s, c.exp)); got != c.json {
			t.Errorf("AppendJSONNumber(%+v, %d) = %q, want %q", *c.s, c.exp, got, c.json)
		}
	}
}

// checkFloat compares with the standard library's shortest form, which differs in the notation of exponents alone.
func checkFloat(t *testing.T, v float64, size int) {
	t.Helper()
	s := f64(v)
	if size == 32 {
		s = f32(float32(v))
	}
	got := AppendNumber(nil, s, 0)
	want := strconv.FormatFloat(v, 'f', -1, size)
	if a := math.Abs(v); a != 0 && a < 1e-6 || a >= 1e21 {
		back, err := strconv.ParseFloat(string(got), size)
		if err != nil || back != v {
			t.Fatalf("%d bits %v: %s reads back as %v, %v", size, v, got, back, err)
		}
		return
	}
	if string(got) != want {
		t.Fatalf("%d bits %v: %s, want %s", size, v, got, want)
	}
}

func TestShortestAgainstStandardLibrary(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 60000 {
		bits := r.Uint32()
		if bits>>23&0xFF == 0xFF {
			continue
		}
		checkFloat(t, float64(math.Float32frombits(bits)), 32)
		// The plant's range, in which the fast way is taken: 2^-10 to 2^26, plain decimals and their neighbours.
		bits = bits&0x807FFFFF | uint32(117+r.IntN(36))<<23
		checkFloat(t, float64(math.Float32frombits(bits)), 32)
		d := float32(float64(r.IntN(1<<r.IntN(28)+1)) / pow10Float[r.IntN(8)])
		checkFloat(t, float64(d), 32)
		checkFloat(t, float64(math.Nextafter32(d, 1e30)), 32)
	}
	for range 50000 {
		d := float64(r.Int64N(1<<r.IntN(60)+1)) / pow10Float[r.IntN(12)]
		checkFloat(t, d, 64)
		d = float64(r.Int64N(1e15)) * math.Pow10(-r.IntN(22))
		checkFloat(t, d, 64)
		digits, _ := strconv.ParseFloat(strconv.FormatFloat(d, 'e', 14, 64), 64)
		checkFloat(t, digits, 64)
		checkFloat(t, math.Nextafter(d, 1e30), 64)
		checkFloat(t, -r.Float64()*math.Pow10(r.IntN(40)-20), 64)
	}
}

func TestShortestMantissa(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for range 30000 {
		v := math.Float32frombits(r.Uint32())
		if v-v != 0 {
			continue
		}
		if m, e := shortest32(v); float32(decimalFloat(m, e)) != v {
			t.Fatalf("shortest32(%v) = %d e%d", v, m, e)
		}
		w := math.Float64frombits(r.Uint64())
		if w-w != 0 {
			continue
		}
		if m, e := shortest64(w); decimalFloat(m, e) != w {
			t.Fatalf("shortest64(%v) = %d e%d", w, m, e)
		}
	}
}

func FuzzAppendNumber(f *testing.F) {
	f.Add(uint64(231), int8(-1), uint8(Dec))
	f.Add(math.Float64bits(23.1), int8(0), uint8(F64))
	f.Add(uint64(math.Float32bits(1e-7)), int8(0), uint8(F32))
	f.Add(uint64(1)<<63, int8(0), uint8(Int64))
	f.Add(math.Float64bits(math.NaN()), int8(0), uint8(F64)) // not of a sample, and yet no panic
	f.Add(uint64(math.Float32bits(float32(math.NaN()))), int8(0), uint8(F32))
	f.Fuzz(func(t *testing.T, bits uint64, exp int8, kind uint8) {
		s := Sample{Kind: Kind(kind % 10), Bits: bits}
		text := string(AppendNumber(nil, &s, exp))
		json := string(AppendJSONNumber(nil, &s, exp))
		if json != text && json != text+".0" {
			t.Fatalf("%+v: %q as a number, %q in JSON", s, text, json)
		}
		switch s.Kind {
		case F32:
			v := math.Float32frombits(uint32(bits))
			if back, err := strconv.ParseFloat(text, 32); v-v == 0 && (err != nil || float32(back) != v) {
				t.Fatalf("float32 %v is %q", v, text)
			}
		case F64:
			v := math.Float64frombits(bits)
			if back, err := strconv.ParseFloat(text, 64); v-v == 0 && (err != nil || back != v) {
				t.Fatalf("float64 %v is %q", v, text)
			}
		case Dec:
			s.Bits = uint64(int64(bits) % (maxMantissa + 1))
			text = string(AppendNumber(nil, &s, exp))
			want, _ := strconv.ParseFloat(strconv.FormatInt(int64(s.Bits), 10)+"e"+strconv.Itoa(int(exp)), 64)
			if back, err := strconv.ParseFloat(text, 64); err != nil || back != want {
				t.Fatalf("%d e%d is %q", int64(s.Bits), exp, text)
			}
		case Int, Int64:
			if back, err := strconv.ParseInt(text, 10, 64); err != nil || back != int64(bits) {
				t.Fatalf("integer %d is %q", int64(bits), text)
			}
		case Uint, Uint64:
			if back, err := strconv.ParseUint(text, 10, 64); err != nil || back != bits {
				t.Fatalf("integer %d is %q", bits, text)
			}
		}
	})
}
