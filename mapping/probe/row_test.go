package probe

import (
	"maps"
	"reflect"
	"testing"

	"tagbridge/mapping"
)

func TestCells(t *testing.T) {
	c := Candidate{Address: mapping.Address{Table: mapping.Input, Number: 7}, Type: mapping.TypeInt16, Registers: 1, Order: mapping.ABCD, Scale: mapping.Decimal{Mant: 1, Exp: -1}}
	if got, want := c.Cells(), map[string]string{"tag": "input_7", "address": "input:7", "type": "int16", "scale": "0.1"}; !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	c = Candidate{Address: mapping.Address{Number: 7, Table: mapping.Holding}, Type: mapping.TypeFloat32, Registers: 2, Order: mapping.CDAB, Scale: mapping.Decimal{Mant: 1}}
	if got, want := c.Cells(), map[string]string{"tag": "holding_7", "address": "holding:7", "type": "float32", "order": "CDAB"}; !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	l := Look{Kind: Text, Registers: 3, Address: c.Address, Order: mapping.DCBA}
	if got, want := l.Cells(), map[string]string{"tag": "holding_7", "address": "holding:7", "type": "string:6", "order": "DCBA"}; !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestNarrowed(t *testing.T) {
	at := func(n uint16, registers int) Candidate {
		return Candidate{Address: mapping.Address{Table: mapping.Holding, Number: n}, Registers: registers}
	}
	got := Narrowed([]Candidate{at(20, 1), at(9, 4), at(10, 1), at(13, 2)})
	want := []mapping.Extent{{Table: mapping.Holding, First: 9, Count: 6}, {Table: mapping.Holding, First: 20, Count: 1}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestOrderOf(t *testing.T) {
	tag := func(k mapping.Type, o mapping.Order) *mapping.Tag {
		return &mapping.Tag{Traits: &mapping.Traits{Type: k, Order: o}}
	}
	single, swapped := tag(mapping.TypeInt16, mapping.DCBA), tag(mapping.TypeFloat32, mapping.CDAB)
	for _, c := range []struct {
		tags  []*mapping.Tag
		order mapping.Order
		known bool
	}{
		{nil, mapping.ABCD, false},
		{[]*mapping.Tag{single}, mapping.ABCD, false},
		{[]*mapping.Tag{single, swapped, swapped}, mapping.CDAB, true},
		{[]*mapping.Tag{swapped, tag(mapping.TypeInt32, mapping.ABCD)}, mapping.ABCD, false},
	} {
		if o, known := OrderOf(c.tags); o != c.order || known != c.known {
			t.Errorf("%v: %s, %t", c.tags, o, known)
		}
	}
}
