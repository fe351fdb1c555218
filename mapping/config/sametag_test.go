package config

import (
	"reflect"
	"testing"

	"tagbridge/mapping"
)

// TestSameTag changes every field of a tag in turn: only the place makes no difference.
func TestSameTag(t *testing.T) {
	fields := reflect.TypeFor[mapping.Tag]()
	for i := range fields.NumField() {
		var a, b mapping.Tag
		change(t, reflect.ValueOf(&b).Elem().Field(i))
		if same := sameTag(&a, &b); same != (fields.Field(i).Name == "Source") {
			t.Errorf("a difference in %s: same %v", fields.Field(i).Name, same)
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
	case reflect.Struct:
		change(t, v.Field(0))
	default:
		t.Fatalf("no change for %s", v.Type())
	}
}
