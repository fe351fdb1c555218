package mapping

import "testing"

// TestPrecisions has a name and a unit of every precision, each coarser than the one before.
func TestPrecisions(t *testing.T) {
	if len(PrecisionNames) != len(precisionUnits) {
		t.Fatalf("%d names of %d units", len(PrecisionNames), len(precisionUnits))
	}
	for i, name := range PrecisionNames {
		p, err := ParsePrecision(name)
		if err != nil || p != Precision(i) || p.String() != name {
			t.Errorf("%s is %v, %v", name, p, err)
		}
		if i > 0 && p.Unit() != 1000*Precision(i-1).Unit() {
			t.Errorf("%s is %v", name, p.Unit())
		}
	}
	for _, name := range []string{"", "m", "µs", "MS"} {
		if p, err := ParsePrecision(name); err == nil {
			t.Errorf("%q passes for %v", name, p)
		}
	}
}
