package testrig

import (
	"reflect"
	"slices"
	"testing"
	"time"
)

func TestEachFieldSetsOneAtATime(t *testing.T) {
	type inner struct {
		N uint64
		D time.Duration
	}
	type visible struct {
		Inner  inner
		On     bool
		Name   string
		Share  float64
		At     time.Time
		By     map[string]uint64
		List   []inner
		Counts [3]int
		Maybe  *float64
		Known  *float64
		Err    error
	}
	v := visible{Known: new(float64)}
	var names []string
	EachField(t, &v, func(name string) {
		names = append(names, name)
		set := 0
		for i := range reflect.ValueOf(v).NumField() {
			if reflect.TypeOf(v).Field(i).Name != "Known" && !reflect.ValueOf(v).Field(i).IsZero() {
				set++
			}
		}
		if set != 1 {
			t.Errorf("%s: %d fields are set", name, set)
		}
	})
	want := []string{"Inner.N", "Inner.D", "On", "Name", "Share", "At", "By", "List", "Counts", "Maybe", "Err"}
	if !slices.Equal(names, want) {
		t.Errorf("fields %v, want %v", names, want)
	}
	if v.Known = nil; !reflect.ValueOf(v).IsZero() {
		t.Errorf("something is left: %+v", v)
	}
}
