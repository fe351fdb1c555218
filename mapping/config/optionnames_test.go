package config

import (
	"reflect"
	"slices"
	"testing"
)

// TestOptionsAreToldByTheirKeys has what differs between two Modbus devices be told by the key that it is written as.
func TestOptionsAreToldByTheirKeys(t *testing.T) {
	for f := range reflect.TypeFor[Modbus]().Fields() {
		if name := optionName(f.Name); name != "timestamps" && !slices.Contains(modbusKeys, name) {
			t.Errorf("%s is told as %s, which is no key", f.Name, name)
		}
	}
}
