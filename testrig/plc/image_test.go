package plc

import (
	"testing"

	"tagbridge/mapping"
)

func holding(name string, number uint16, typ mapping.Type) *mapping.Tag {
	return &mapping.Tag{Name: name, Address: mapping.Address{Table: mapping.Holding, Number: number}, Traits: &mapping.Traits{Type: typ}}
}

func TestImageHoles(t *testing.T) {
	tags := []*mapping.Tag{
		holding("c", 30, mapping.TypeUint16), // 20 to 29 are missing: ten
		holding("a", 10, mapping.TypeFloat64),
		holding("b", 18, mapping.TypeFloat32), // 14 to 17 are missing: four
		holding("e", 65535, mapping.TypeUint16),
	}
	m := newImage(tags, 4)
	tests := []struct {
		first, count int
		exists       bool
	}{
		{10, 10, true}, {14, 4, true}, {9, 1, false}, {10, 11, false}, {20, 1, false}, {29, 1, false}, {30, 1, true},
		{31, 1, false}, {0, 1, false}, {65535, 1, true}, {65534, 1, false}, {18, 13, false},
	}
	for _, test := range tests {
		if got := m.find(mapping.Holding, test.first, test.count) != nil; got != test.exists {
			t.Errorf("%d registers from %d: exist %v, want %v", test.count, test.first, got, test.exists)
		}
	}
	if m.find(mapping.Input, 10, 1) != nil {
		t.Error("registers of one table exist in another")
	}
}

func TestImageHolesOneSmaller(t *testing.T) {
	m := newImage([]*mapping.Tag{holding("a", 0, mapping.TypeUint16), holding("b", 5, mapping.TypeUint16)}, 3)
	if m.find(mapping.Holding, 0, 6) != nil {
		t.Error("a hole of 4 was filled with max_gap 3")
	}
}
