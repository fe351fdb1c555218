package tagmap

import "tagbridge/mapping"

// kind is what the tags of one driver's devices are.
type kind struct {
	driver string
	place  func(b *tagBuilder, r *row, t *mapping.Tag) // reads where the value is, and of what type
	// typed: values come with types, texts and ranges of their own.
	typed bool
	// computes: its tags have no place, but formulas of other devices' tags.
	computes bool
}

// kinds are those of all drivers.
var kinds = []kind{
	{driver: "modbus", place: readRegister},
	{driver: "opcua", place: readNode, typed: true},
	{driver: "derived", place: readNothing, computes: true},
}

func readPlace(b *tagBuilder, r *row, t *mapping.Tag) {
	if r.has(colExpr) {
		readExpr(b, r, t)
		return
	}
	b.kind.place(b, r, t)
}

// Drivers are the names of the drivers whose tags are known.
func Drivers() []string {
	var names []string
	for _, k := range kinds {
		names = append(names, k.driver)
	}
	return names
}

// kindOf is what tags of a driver are; one that is not known was reported, and is taken for the first.
func kindOf(driver string) kind {
	for _, k := range kinds {
		if k.driver == driver {
			return k
		}
	}
	return kinds[0]
}
