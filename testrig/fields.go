package testrig

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"tagbridge/mapping"
)

// EachField sets every field of the struct that of points to, and those of structs in it, to something else than zero, one
// after the other; calls f with its name, as "Outer.Inner"; and sets it back. So a test sees which fields a list that is
// kept by hand has forgotten. Maps and slices get one element. What a pointer points to already is left alone. A field that
// it cannot set fails t.
func EachField(t testing.TB, of any, f func(name string)) {
	t.Helper()
	v := reflect.ValueOf(of).Elem()
	for i := range v.NumField() {
		eachField(t, v.Field(i), v.Type().Field(i).Name, f)
	}
}

func eachField(t testing.TB, v reflect.Value, name string, f func(name string)) {
	t.Helper()
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		return
	}
	if _, whole := v.Interface().(time.Time); v.Kind() == reflect.Struct && !whole {
		for i := range v.NumField() {
			eachField(t, v.Field(i), name+"."+v.Type().Field(i).Name, f)
		}
		return
	}
	before := reflect.New(v.Type()).Elem()
	before.Set(v)
	set, err := something(v.Type())
	if err != nil {
		t.Errorf("field %s: %v", name, err)
		return
	}
	v.Set(set)
	f(name)
	v.Set(before)
}

// something is a value of type t that is not zero.
func something(t reflect.Type) (reflect.Value, error) {
	v := reflect.New(t).Elem()
	switch t.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(1)
		if t == reflect.TypeFor[time.Duration]() {
			v.SetInt(int64(time.Hour))
		}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(1)
		if t == reflect.TypeFor[mapping.Quality]() { // whose low bits are details
			v.SetUint(uint64(mapping.BadTimeout))
		}
	case reflect.Float32, reflect.Float64:
		v.SetFloat(0.5)
	case reflect.String:
		v.SetString("something")
	case reflect.Map, reflect.Slice, reflect.Array, reflect.Pointer:
		return filled(v)
	case reflect.Struct:
		if t == reflect.TypeFor[time.Time]() {
			return reflect.ValueOf(time.Unix(1_000_000_000, 0)), nil
		}
		for i := range v.NumField() {
			part, err := something(v.Field(i).Type())
			if err != nil {
				return v, err
			}
			v.Field(i).Set(part)
		}
	case reflect.Interface:
		if t == reflect.TypeFor[error]() {
			v.Set(reflect.ValueOf(errors.New("something")))
			return v, nil
		}
		return v, fmt.Errorf("cannot be filled: it is of type %v", t)
	default:
		return v, fmt.Errorf("cannot be filled: it is of type %v", t)
	}
	return v, nil
}

// filled is v, of a type that has elements, with one element.
func filled(v reflect.Value) (reflect.Value, error) {
	t := v.Type()
	element, err := something(t.Elem())
	if err != nil {
		return v, err
	}
	switch t.Kind() {
	case reflect.Map:
		key, err := something(t.Key())
		if err != nil {
			return v, err
		}
		v.Set(reflect.MakeMap(t))
		v.SetMapIndex(key, element)
	case reflect.Slice:
		v.Set(reflect.Append(v, element))
	case reflect.Array:
		v.Index(0).Set(element)
	default:
		v.Set(reflect.New(t.Elem()))
		v.Elem().Set(element)
	}
	return v, nil
}
