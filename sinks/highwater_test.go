package sinks

import "testing"

func TestHighWater(t *testing.T) {
	const size = 1 << 20
	tests := []struct {
		name string
		used func(i int) int
		size int
		shed bool
	}{
		{"never used much", func(int) int { return 1000 }, size, true},
		{"full once in a while", func(i int) int { return 1000 + size*(1-min(i%20, 1)) }, size, false},
		{"small anyway", func(int) int { return 10 }, spareBytes, false},
		{"a quarter", func(int) int { return size / 4 }, size, false},
	}
	for _, test := range tests {
		var h HighWater
		shed := false
		for i := range 3 * watchUses {
			shed = shed || h.Shed(test.used(i), test.size)
		}
		if shed != test.shed {
			t.Errorf("%s: let go of = %v, want %v", test.name, shed, test.shed)
		}
	}
}
