package vary

import (
	"reflect"
	"slices"
	"testing"
)

type inner struct {
	Text string
	Bits uint8
}

type outer struct {
	*inner
	N      int
	On     bool
	F      float64
	Inner  inner
	Ptr    *inner
	List   []inner
	Many   []*inner
	hidden int
}

// TestEach sees that each copy differs from what it was made of, which stays as it is.
func TestEach(t *testing.T) {
	make := func() outer {
		return outer{List: []inner{{"a", 1}}, Many: []*inner{{"b", 2}}, Ptr: &inner{"c", 3}, hidden: 1}
	}
	base := make()
	var names []string
	Each(base, func(name string, changed outer) {
		names = append(names, name)
		if reflect.DeepEqual(changed, base) {
			t.Errorf("%s: nothing is changed", name)
		}
		if !reflect.DeepEqual(base, make()) {
			t.Fatalf("%s changed the base", name)
		}
	})
	want := []string{
		"N", "On", "F", "Inner.Text", "Inner.Bits", "Ptr.Text", "Ptr.Bits", "List[]", "List[0].Text", "List[0].Bits",
		"Many[]", "Many[0].Text", "Many[0].Bits",
	}
	if !slices.Equal(names, want) {
		t.Errorf("changes %q, want %q", names, want)
	}
}
