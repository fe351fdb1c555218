package tagmap

import (
	"reflect"
	"testing"

	"tagbridge/mapping"
)

// TestSameTag changes every field of a tag in turn: only the place makes no difference.
func TestSameTag(t *testing.T) {
	fields := reflect.TypeFor[mapping.Tag]()
	for i := range fields.NumField() {
		f := fields.Field(i)
		if f.Name == "Traits" {
			continue
		}
		a, b := mapping.Tag{Traits: new(mapping.Traits)}, mapping.Tag{Traits: new(mapping.Traits)}
		change(t, reflect.ValueOf(&b).Elem().Field(i))
		if same := sameTag(&a, &b); same != (f.Name == "Source") {
			t.Errorf("a difference in %s: same %v", f.Name, same)
		}
	}
}

// TestTraits changes every field of traits in turn: they are neither equal any more nor shared.
func TestTraits(t *testing.T) {
	fields := reflect.TypeFor[mapping.Traits]()
	for i := range fields.NumField() {
		k := newKeeper()
		var a, b mapping.Traits
		if k.traits(&a) != k.traits(&b) {
			t.Fatal("equal traits are not shared")
		}
		change(t, reflect.ValueOf(&b).Elem().Field(i))
		x, y := mapping.Tag{Traits: &a}, mapping.Tag{Traits: &b}
		if sameTag(&x, &y) || k.traits(&a) == k.traits(&b) {
			t.Errorf("a difference in %s: same", fields.Field(i).Name)
		}
	}
}

func change(t *testing.T, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	case reflect.Uint8, reflect.Uint16:
		v.SetUint(1)
	case reflect.Float64:
		v.SetFloat(1)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
	case reflect.Struct:
		change(t, v.Field(0))
	default:
		t.Fatalf("no change for %s", v.Type())
	}
}
