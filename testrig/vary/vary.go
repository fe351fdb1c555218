// Package vary changes values a little, one field after the other, for tests of lists of fields that are kept by hand: a
// field that somebody adds is then found missing in them. It knows no type and imports nothing of this module, so that
// all tests can use it.
package vary

import (
	"fmt"
	"reflect"
)

// Each calls f with copies of base, a struct, that differ from it in one exported field, however deep, and with the name of
// that, such as Series[0].Labels[0].Name. Lists get their first element, or a zero one, once more, and the first one of a list is changed field by
// field; a nil pointer is one to a zero value first. The copies share with base what
// was not changed, and hold until f returns. It panics over a
// field of a kind that it does not know.
func Each[T any](base T, f func(name string, changed T)) {
	v := reflect.ValueOf(&base).Elem()
	walk(v, "", func(name string) { f(name, base) })
}

// walk changes v, calls f, and sets v back, for each part of it.
func walk(v reflect.Value, name string, f func(name string)) {
	before := reflect.New(v.Type()).Elem()
	before.Set(v)
	defer v.Set(before)
	switch {
	case v.CanInt():
		v.SetInt(v.Int() + 1)
	case v.CanUint():
		v.SetUint(v.Uint() + 1)
	case v.CanFloat():
		v.SetFloat(v.Float() + 1)
	case v.Kind() == reflect.String:
		v.SetString(v.String() + "x")
	case v.Kind() == reflect.Bool:
		v.SetBool(!v.Bool())
	case v.Kind() == reflect.Struct:
		fields(v, name, f)
		return
	case v.Kind() == reflect.Pointer:
		pointer(v, name, f)
		return
	case v.Kind() == reflect.Slice:
		slice(v, name, f)
		return
	default:
		panic(fmt.Sprintf("vary: %s is a %s", name, v.Type()))
	}
	f(name)
}

func fields(v reflect.Value, name string, f func(string)) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !field.IsExported() {
			continue
		}
		at := name
		if !field.Anonymous {
			at = join(name, field.Name)
		}
		walk(v.Field(i), at, f)
	}
}

func join(name, field string) string {
	if name == "" {
		return field
	}
	return name + "." + field
}

func pointer(v reflect.Value, name string, f func(string)) {
	other := reflect.New(v.Type().Elem())
	if v.IsNil() {
		v.Set(other)
		f(name)
	} else {
		other.Elem().Set(v.Elem())
		v.Set(other)
	}
	walk(other.Elem(), name, f)
}

func slice(v reflect.Value, name string, f func(string)) {
	n := v.Len()
	longer := reflect.MakeSlice(v.Type(), n+1, n+1)
	reflect.Copy(longer, v)
	switch e := longer.Index(n); {
	case n > 0:
		e.Set(longer.Index(0))
	case e.Kind() == reflect.Pointer:
		e.Set(reflect.New(e.Type().Elem()))
	}
	v.Set(longer)
	f(name + "[]")
	if n > 0 {
		other := reflect.MakeSlice(v.Type(), n, n)
		reflect.Copy(other, longer)
		v.Set(other)
	}
	walk(v.Index(0), name+"[0]", f)
}
