package mapping

import (
	"strings"
	"testing"
)

func TestParseAddress(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"40001", "holding:0"},
		{"49999", "holding:9998"},
		{"400001", "holding:0"},
		{"465536", "holding:65535"},
		{"30001", "input:0"},
		{"365536", "input:65535"},
		{"10001", "discrete:0"},
		{"00001", "coil:0"},
		{"09999", "coil:9998"},
		{"000001", "coil:0"},
		{"065536", "coil:65535"},
		{"holding:0", "holding:0"},
		{"holding:65535", "holding:65535"},
		{"holding:00017", "holding:17"},
		{"holding:0x1F", "holding:31"},
		{"input:0XfFfF", "input:65535"},
		{"Coil:5", "coil:5"},
		{"DISCRETE:7", "discrete:7"},
		{"40001.b10", "holding:0.b10"},
		{"40001.B0", "holding:0.b0"},
		{"40001.b15", "holding:0.b15"},
		{"400100.b3", "holding:99.b3"},
		{"holding:0.10", "holding:0.b10"},
		{"holding:0.1", "holding:0.b1"},
		{"holding:0x10.3", "holding:16.b3"},
		{"30001.hi", "input:0.hi"},
		{"input:0.LO", "input:0.lo"},
	} {
		a, err := ParseAddress(c.in)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if got := a.String(); got != c.want {
			t.Errorf("ParseAddress(%q) = %s, want %s", c.in, got, c.want)
		}
		if again, err := ParseAddress(a.String()); err != nil || again != a {
			t.Errorf("ParseAddress(%q) = %v, %v, want %v", a, again, err, a)
		}
	}
}

func TestParseAddressRefuses(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", "empty"},
		{"1", "leading zeros lost? coil:0"},
		{"17", "leading zeros lost? coil:16"},
		{"0017", "leading zeros lost? coil:16"},
		{"4001", "register 4001 is holding:4001"},
		{"0", "count from 1"},
		{"40000", "40001 is holding:0"},
		{"00000", "00001 is coil:0"},
		{"20001", "first digit 2"},
		{"50001", "first digit 5"},
		{"465537", "past 465536, which is holding:65535"},
		{"499999", "past 465536"},
		{"4000001", "7 digits"},
		{"holding:65536", "past 65535"},
		{"holding:0x10000", "past 65535"},
		{"coil:99999999999999999999", "past 65535"},
		{"holding:", "no number after the colon"},
		{"holding:0x", `"0x" is not a number`},
		{"holding:-1", `"-1" is not a number`},
		{"holding: 1", `" 1" is not a number`},
		{"holding:1f", `"1f" is not a number`},
		{"register:1", `no table "register": want coil, discrete, input or holding`},
		{"40001.1", "40001.b1 "},
		{"40001.1", "40001.b10"},
		{"40001.10", "40001.b1"},
		{"40001.0", "40001.b0"},
		{"400001.15", "400001.b15"},
		{"40001.16", "no bit 16"},
		{"40001.b16", "no bit 16"},
		{"holding:0.16", "no bit 16"},
		{"holding:0.b99999999999999999999", "no bit"},
		{"00001.b3", "a coil is a single bit"},
		{"coil:0.hi", "a coil is a single bit"},
		{"10001.lo", "a discrete input is a single bit"},
		{"discrete:0.1", "a discrete input is a single bit"},
		{"40001.x", `no part ".x"`},
		{"40001.", `no part "."`},
		{"40001.b", `no part ".b"`},
		{"40001.b1.b2", `no part ".b1.b2"`},
		{"40001.hi.b2", `no part ".hi.b2"`},
		{"40,001", "thousands separator: write 40001"},
		{"40.001", "thousands separator: write 40001"},
		{"400 001", "thousands separator: write 400001"},
		{"4.00E+05", "power of ten"},
		{"4e5", "power of ten"},
		{"HR1", "want a Modicon number"},
		{"-40001", "want a Modicon number"},
	} {
		a, err := ParseAddress(c.in)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("ParseAddress(%q) = %v, %v, want an error with %q", c.in, a, err, c.want)
		}
	}
}

func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{"40001", "400001.b3", "holding:0x1F.10", "coil:1.hi", "1", "40.001", "4.0e5", "::..", "0x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseAddress(s)
		if err != nil {
			return
		}
		if a.Table > Holding || a.Bit > 15 || a.Part != Bit && a.Bit != 0 || a.Table.IsBits() && a.Part != Whole {
			t.Errorf("ParseAddress(%q) = %+v, which is no address", s, a)
		}
		if again, err := ParseAddress(a.String()); err != nil || again != a {
			t.Errorf("ParseAddress(%q) is %s, which reads as %v, %v", s, a, again, err)
		}
	})
}

// Other programs, and people in a hurry, write addresses in other ways.
func TestParseAddressOfOthers(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"holdng:7", "did you mean holding:7?"},
		{"HR:7", "did you mean holding:7?"},
		{"input_register:7", "did you mean input:7?"},
		{"coils:7", "did you mean coil:7?"},
		{"4x:7", "did you mean holding:7?"},
		{"fluid:7", "want coil, discrete, input or holding"},
		{"4x00001", "did you mean 400001?"},
		{"0x00001", "did you mean 000001?"},
		{"0x9C41", "did you mean holding:0x9C41?"},
		{"%MW100", "did you mean holding:100?"},
		{"hr100", "did you mean holding:100, or holding:99 if it counts from 1?"},
		{"4x0100", "did you mean holding:99? (4x counts from 1)"},
		{"3x7", "did you mean input:6? (3x counts from 1)"},
		{"D100", "want a Modicon number like 40001"},
		{"temp", "want a Modicon number like 40001"},
	} {
		if _, err := ParseAddress(c.in); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("ParseAddress(%q) = %v, want %s", c.in, err, c.want)
		}
	}
}
