package reckon

import (
	"strings"

	"tagbridge/mapping/formula"
)

// Spec is a tag that is to be reckoned.
type Spec struct {
	Device, Tag string
	// Formula is what the machine gets the values of; its names are device/tag. nil: those of the tag Input.
	Formula *formula.Formula
	Input   string
	Machine Machine
	// Held: its inputs come when they change, so that one which is not there yet may be long in coming: see Seed.
	Held bool
	// Key says by what the tag is reckoned. A state that was kept under another key, or for a tag of another name, is of no use
	// to the machine.
	Key string
}

// name is how formulas call the tag.
func (s *Spec) name() string { return s.Device + "/" + s.Tag }

// inputs are the names of the tags that s is reckoned of.
func (s *Spec) inputs() []string {
	if s.Formula == nil {
		return []string{s.Input}
	}
	var names []string
	for _, n := range s.Formula.Inputs() {
		names = append(names, n.Name)
	}
	return names
}

// Split is the device and the tag of a name.
func Split(name string) (device, tag string) {
	device, tag, _ = strings.Cut(name, "/")
	return device, tag
}
