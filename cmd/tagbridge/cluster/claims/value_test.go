package claims

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestValue(t *testing.T) {
	for _, c := range []*Claim{
		{"tcp://10.0.0.1:502", "pc-a", 1, 1},
		{"rtu:///dev/ttyUSB0", "hallen-pc ä", 1<<64 - 1, MaxEpoch},
	} {
		b, err := appendClaim([]byte("before"), c)
		if err != nil {
			t.Fatal(err)
		}
		got, err := parseClaim(b[len("before"):])
		if err != nil || !reflect.DeepEqual(got, c) {
			t.Errorf("%s is %+v, %v", b, got, err)
		}
	}
}

// TestGarbage has what is no claim be refused, with the reason.
func TestGarbage(t *testing.T) {
	good := `{"v":1,"endpoint":"e","node":"n","run":"00000000000000ff","epoch":7}`
	if _, err := parseClaim([]byte(good)); err != nil {
		t.Fatal(err)
	}
	later := strings.Replace(good, `"v":1`, `"v":1,"later":[1,{"x":2}]`, 1)
	if c, err := parseClaim([]byte(later)); err != nil || c.Epoch != 7 {
		t.Errorf("a field of a later release: %v, %v", c, err)
	}
	for _, c := range []struct{ old, new, want string }{
		{good, "", "not JSON"},
		{good, "7", "not JSON"},
		{`"v":1`, `"v":2`, "newer release"},
		{`"v":1,`, ``, "no format"},
		{`7}`, `0}`, "its epoch is 0"},
		{`7}`, `1099511627777}`, "its epoch is 1099511627777"},
		{`7}`, `18446744073709551615}`, "its epoch is 18446744073709551615"},
		{`7}`, `18446744073709551616}`, "not JSON"},
		{`7}`, `-1}`, "not JSON"},
		{`7}`, `7.5}`, "not JSON"},
		{`7}`, `7}{}`, "follows"},
		{`"n"`, `""`, "whose"},
		{`"e"`, `""`, "whose"},
		{`00ff`, `0000`, "whose"},
		{`00ff`, `ff`, "16 digits"},
		{`00ff`, `0xff`, "no number"},
		{`"n"`, fmt.Sprintf("%q", strings.Repeat("n", maxName+1)), "more than 2048 bytes"},
		{`"n"`, fmt.Sprintf("%q", strings.Repeat("n", maxValue)), "at most 8192"},
	} {
		text := strings.Replace(good, c.old, c.new, 1)
		if got, err := parseClaim([]byte(text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.100s is %+v, %v, want %q", text, got, err, c.want)
		}
	}
	for n := range good {
		if got, err := parseClaim([]byte(good[:n])); err == nil {
			t.Errorf("cut to %d bytes it is %+v", n, got)
		}
	}
	if b, err := appendClaim(nil, &Claim{"e", "n", 1, MaxEpoch + 1}); err == nil {
		t.Errorf("%s was written", b)
	}
}

func FuzzParseClaim(f *testing.F) {
	for _, c := range []*Claim{{"tcp://10.0.0.1:502", "pc-a", 1, 1}, {"e", "\u2028<>&", 1<<64 - 1, MaxEpoch}} {
		b, err := appendClaim(nil, c)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := parseClaim(b)
		if err != nil {
			return
		}
		again, err := appendClaim(nil, c)
		if err != nil {
			if len(b) < maxValue/8 {
				t.Fatalf("what was read cannot be written: %v", err)
			}
			return
		}
		if twice, err := parseClaim(again); err != nil || *twice != *c {
			t.Fatalf("%+v came back as %+v, %v", c, twice, err)
		}
	})
}
