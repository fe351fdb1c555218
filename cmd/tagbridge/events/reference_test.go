package events

import (
	"flag"
	"reflect"
	"strings"
	"testing"
	"time"

	"tagbridge/testrig/manual"
)

var update = flag.Bool("update", false, "write the reference of the manual")

// The page of events has every kind and every field.
func TestManualEvents(t *testing.T) {
	kinds := manual.Table{Heading: "Kinds", Columns: []string{"kind"}, Prose: []string{"meaning"}}
	for _, k := range Kinds {
		kinds.Rows = append(kinds.Rows, []string{manual.Code(string(k))})
	}
	fields := manual.Table{Heading: "Fields", Columns: []string{"field", "type"}, Prose: []string{"meaning"}}
	for typ, i := reflect.TypeFor[Event](), 0; i < typ.NumField(); i++ {
		kind := "text"
		switch typ.Field(i).Type {
		case reflect.TypeFor[time.Time]():
			kind = "time"
		case reflect.TypeFor[int]():
			kind = "number"
		}
		name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		fields.Rows = append(fields.Rows, []string{manual.Code(name), kind})
	}
	manual.Hold(t, *update, "events", kinds, fields)
}
