package probe

import (
	"math"
	"slices"
	"strconv"
	"testing"

	"tagbridge/mapping"
	"tagbridge/mapping/dump"
)

func shown(t testing.TB, text string) *Shown {
	t.Helper()
	s, err := ParseShown(text)
	if err != nil {
		t.Fatal(err)
	}
	return &s
}

// isTrue reports that c is the place of v in d, or gives the same as it whatever v becomes within its type's range of now.
func (d *device) isTrue(c *Candidate, v *value) bool {
	same := c.Type == v.kind || c.Same == v.kind || signed(&form{kind: v.kind, twin: twinOf(v.kind)}) == c.Type
	order := c.Order == d.order || c.Registers == 1 && c.Order.SwapsBytes() == d.order.SwapsBytes()
	return same && order && c.Address.Table == d.table && int(c.Address.Number) == d.first+v.at && int(c.Scale.Exp) == v.exp && c.Scale.Mant == 1
}

func twinOf(t mapping.Type) mapping.Type {
	for _, u := range usual {
		if u.kind == t {
			return u.twin
		}
	}
	return 0
}

// TestFindsEveryType looks in instruments for a value of each type in each order at four digits, twice.
func TestFindsEveryType(t *testing.T) {
	found, first, wrong, all := 0, 0, 0, 0
	for seed := range uint64(12) {
		for _, u := range usual[:len(usual)-1] {
			for order := range mapping.Order(4) {
				d := newDevice(seed, 120)
				d.order = order
				v := value{kind: u.kind, now: math.Exp(3 + d.Float64()*6)}
				if u.kind == mapping.TypeBCD32 {
					v.now = math.Exp(10 + d.Float64()*8)
				}
				if u.kind == mapping.TypeInt32 || u.kind == mapping.TypeUint32 {
					v.now = math.Exp(12 + d.Float64()*8) // fewer registers would do for a smaller one
				}
				if u.kind == mapping.TypeInt64 || u.kind == mapping.TypeUint64 {
					v.now = math.Exp(23 + d.Float64()*12)
				}
				if !isFloat(u.kind) {
					v.exp = -d.IntN(3)
				}
				v.step = v.now * 0.01
				d.values = nil
				d.add(v, d.IntN(20))
				d.instrument()
				if d.values[0].kind == mapping.TypeFloat64 {
					d.values[0].exp = 0
				}
				target := &d.values[0]
				var readings []Reading
				for range 2 {
					readings = append(readings, Reading{Shown: shown(t, d.shows(target, 4)), Snapshots: []dump.Snapshot{d.snapshot()}})
					d.tick()
				}
				got := Search(readings, Options{Unit: 1})
				all++
				at := slices.IndexFunc(got.Candidates, func(c Candidate) bool { return d.isTrue(&c, target) })
				if at >= 0 {
					found++
				} else {
					t.Errorf("seed %d: %s %s x 10^%d at %d not found from %s: %+v", seed, target.kind, order, target.exp, target.at, readings[1].Shown.Text, got)
				}
				if at == 0 {
					first++
				}
				if got.Sure == Certain && at != 0 {
					wrong++
					t.Errorf("seed %d: wrongly certain: %+v", seed, got.Candidates[0])
				}
			}
		}
	}
	t.Logf("%d looked for, %d found, %d first, %d wrongly certain", all, found, first, wrong)
	if found < all || 100*first < 95*all {
		t.Errorf("of %d values %d were found, %d first", all, found, first)
	}
}

// TestNeverWronglyCertain looks in instruments and in mean devices for what is there, for what is not, and for a sibling.
func TestNeverWronglyCertain(t *testing.T) {
	certain, likely := 0, 0
	for seed := range uint64(1000) {
		d := newDevice(seed, 60)
		if seed%2 == 0 {
			d.mean()
		} else {
			d.instrument()
		}
		if len(d.values) == 0 {
			continue
		}
		target := &d.values[d.IntN(len(d.values))]
		hidden := seed%3 == 0 // the display shows what is in no register
		digits := 2 + d.IntN(4)
		var readings []Reading
		for range 2 + d.IntN(2) {
			text := d.shows(target, digits)
			if hidden {
				text = strconv.FormatFloat(target.now*math.Pow(10, float64(target.exp))*1.037+3, 'f', d.IntN(3), 64)
			}
			readings = append(readings, Reading{Shown: shown(t, text), Snapshots: []dump.Snapshot{d.snapshot()}})
			d.tick()
		}
		got := Search(readings, Options{Unit: 1})
		switch {
		case got.Sure == Certain && (hidden || !d.isTrue(&got.Candidates[0], target)):
			t.Errorf("seed %d: certain of %+v, which is %+v (hidden: %t); shown %q %q", seed, got.Candidates[0], target, hidden, readings[0].Shown.Text, readings[1].Shown.Text)
		case got.Sure == Certain:
			certain++
		case got.Sure == Likely:
			likely++
		}
	}
	t.Logf("%d certain, %d likely", certain, likely)
	if certain < 30 {
		t.Errorf("only %d of 1000 were found for certain: the test says little", certain)
	}
}

func TestParseShown(t *testing.T) {
	for _, c := range []struct {
		text        string
		value, half float64
		digits      int
	}{
		{"23.1", 23.1, 0.05, 3}, {"23,1", 23.1, 0.05, 3}, {"23", 23, 0.5, 2}, {" -0.10 ", -0.1, 0.005, 2}, {"−5", -5, 0.5, 1},
		{"1 234,5", 1234.5, 0.05, 5}, {"1,234.5", 1234.5, 0.05, 5}, {"1.234,5", 1234.5, 0.05, 5}, {"1'234", 1234, 0.5, 4},
		{"6.55e4", 65500, 50, 3}, {"23.1 °C", 23.1, 0.05, 3}, {"50.02Hz", 50.02, 0.005, 4}, {"0.0", 0, 0.05, 0}, {"7 %", 7, 0.5, 1},
		{"+4", 4, 0.5, 1}, {"12 kWh", 12, 0.5, 2},
	} {
		s, err := ParseShown(c.text)
		if err != nil || s.Value != c.value || math.Abs(s.Half-c.half) > 1e-12 || s.Digits != c.digits {
			t.Errorf("%q: %+v, %v, want %+v", c.text, s, err, c)
		}
	}
	for _, text := range []string{"", "on", "1.2.3", "--5", "e5", "5e", "1e999", "NaN", "inf", "0x10", "."} {
		if s, err := ParseShown(text); err == nil {
			t.Errorf("%q: taken as %+v", text, s)
		}
	}
}

func FuzzParseShown(f *testing.F) {
	for _, s := range []string{"23.1", "1'234,5 kW", "−5e-3", "e", "1,2,3.4"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseShown(text)
		if err == nil && (math.IsNaN(s.Value) || math.IsInf(s.Value, 0) || math.IsNaN(s.Half) || s.Half < 0) {
			t.Fatalf("%q: %+v", text, s)
		}
		if err == nil && !s.fits(s.Value) {
			t.Fatalf("%q does not fit itself: %+v", text, s)
		}
	})
}
