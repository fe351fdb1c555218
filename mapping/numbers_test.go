package mapping

import (
	"strings"
	"testing"
)

// TestNumbersOfTheWire reads addresses of a device whose manual prints numbers of the wire, and writes them as Modicon does.
func TestNumbersOfTheWire(t *testing.T) {
	holding, input := Numbers{Wire: true, Table: Holding}, Numbers{Wire: true, Table: Input}
	for _, c := range []struct {
		n                   Numbers
		in, want, inModicon string
	}{
		{holding, "45100", "holding:45100", "445101"}, {input, "45100", "input:45100", "345101"}, {holding, "0", "holding:0", "40001"},
		{holding, "9998", "holding:9998", "49999"}, {holding, "9999", "holding:9999", "410000"}, {holding, "65535", "holding:65535", "465536"},
		{holding, "0xB02C", "holding:45100", "445101"}, {holding, "0012", "holding:12", "40013"}, {holding, "45100.b3", "holding:45100.b3", "445101.b3"},
		{holding, "7.hi", "holding:7.hi", "40008.hi"}, {holding, "input:3", "input:3", "30004"}, {input, "coil:3", "coil:3", "00004"},
		{Numbers{Wire: true, Table: Discrete}, "12", "discrete:12", "10013"},
	} {
		a, err := c.n.ParseAddress(c.in)
		if err != nil || a.String() != c.want || a.Modicon() != c.inModicon {
			t.Errorf("%s: %s (%s), %v, want %s (%s)", c.in, a, a.Modicon(), err, c.want, c.inModicon)
		}
		if again, err := ParseAddress(a.Modicon()); err != nil || again != a {
			t.Errorf("%s reads as %s, %v, want %s", a.Modicon(), again, err, a)
		}
	}
	for in, want := range map[string]string{
		"65536": "past 65535", "400001": "counted as Modicon does it is holding:0", "45,100": "thousands separator", "4.5E+04": "power of ten",
		"45100.1": "Write 45100.b1", "-1": "want a number of the wire", "": "empty", "0x": "want a number of the wire", "HR100": "did you mean holding:100",
		"1.b16": "no bit 16",
	} {
		if a, err := holding.ParseAddress(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %s, %v, want %q", in, a, err, want)
		}
	}
	if e, err := input.ParseExtent("32080-32089"); err != nil || e.String() != "input:32080-32089" {
		t.Errorf("%s, %v", e, err)
	}
	if e, err := holding.ParseExtent("100-input:109"); err == nil || !strings.Contains(err.Error(), "another table") {
		t.Errorf("%s, %v", e, err)
	}
	for _, c := range []struct{ in, want string }{{"holding:40100", "holding:99"}, {"holding:32080.b3", "input:2079.b3"}, {"holding:45100", "holding:5099"}, {"holding:17", ""}, {"input:40100", ""}, {"holding:10001", ""}, {"holding:50001", ""}} {
		a, _ := ParseAddress(c.in)
		if got, ok := a.AsCounted(); ok != (c.want != "") || ok && got.String() != c.want {
			t.Errorf("%s as counted is %s, %t, want %q", c.in, got, ok, c.want)
		}
	}
	if _, err := ParseAddress("50100"); err == nil || !strings.Contains(err.Error(), "holding:50100? If all of the device's are, give it addresses: wire") {
		t.Errorf("%v", err)
	}
}

func FuzzParseWire(f *testing.F) {
	for _, s := range []string{"45100", "0x1F.b3", "7.hi", "400001", "input:1", "4.0e5", "45.100", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n := Numbers{Wire: true, Table: Input}
		a, err := n.ParseAddress(s)
		if err != nil {
			return
		}
		if !strings.Contains(s, ":") && a.Table != Input || a.Table.IsBits() && a.Part != Whole {
			t.Errorf("%q is %s", s, a)
		}
		if again, err := n.ParseAddress(a.String()); err != nil || again != a {
			t.Errorf("%q is %s, which reads as %s, %v", s, a, again, err)
		}
	})
}
