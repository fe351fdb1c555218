package opcua

import (
	"testing"

	"tagbridge/drivers/opcua/wire"
)

// motor is a structure with one of everything: Speed Int16, Name String, Curve Double[], Drive{On Boolean, Temp Float}[].
func motor(kind uint32) *structure {
	drive := &structure{fields: []field{{name: "On", typ: wire.TypeBoolean, rank: -1}, {name: "Temp", typ: wire.TypeFloat, rank: -1}}, names: "On, Temp"}
	return &structure{kind: kind, names: "Speed, Name, Curve, Drive", fields: []field{
		{name: "Speed", typ: wire.TypeInt16, rank: -1, optional: kind == wire.StructOptional},
		{name: "Name", typ: wire.TypeString, rank: -1},
		{name: "Curve", typ: wire.TypeDouble, rank: 1, optional: kind == wire.StructOptional},
		{name: "Drive", typ: wire.TypeExtension, def: drive, rank: 1},
	}}
}

var (
	speed = []byte{0xFE, 0xFF}
	name  = []byte{2, 0, 0, 0, 'M', '3'}
	curve = []byte{1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F} // [1.5]
	drive = []byte{2, 0, 0, 0, 1, 0, 0, 0x20, 0x41, 0, 0, 0, 0x80, 0x41}
)

func join(parts ...[]byte) (all []byte) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// described is a catalog in which structures are known by their encodings.
func described(list map[wire.NodeID]*structure) *catalog {
	c := newCatalog()
	for id, s := range list {
		c.encodings[id] = &dataType{id: id, state: typeTold, whole: s}
	}
	return c
}

// pickFrom takes an element of a structure with this body.
func pickFrom(t *testing.T, def *structure, body []byte, element string) (string, string) {
	t.Helper()
	id := wire.NodeID{Space: 2, Num: 7}
	f := filler{l: &Link{types: described(map[wire.NodeID]*structure{id: def})}, p: planOf(element)}
	raw := append(wire.AppendNodeID(nil, id), 1)
	raw = wire.AppendBytes(raw, body)
	f.lay(wire.Variant{Type: wire.TypeExtension, Raw: raw})
	v, why := f.pick(0)
	if why != "" {
		return "", why
	}
	return display(v), ""
}

func TestMembers(t *testing.T) {
	plain := join(speed, name, curve, drive)
	for _, c := range []struct {
		def           *structure
		body          []byte
		element, want string
		why           string
	}{
		{motor(wire.StructPlain), plain, ".Speed", "-2", ""},
		{motor(wire.StructPlain), plain, ".Name", "M3", ""},
		{motor(wire.StructPlain), plain, ".Curve[0]", "1.5", ""},
		{motor(wire.StructPlain), plain, ".Drive[1].Temp", "16", ""},
		{motor(wire.StructPlain), plain, ".Drive[0].On", "true", ""},
		{motor(wire.StructPlain), plain, ".Drive[2].On", "", "no element 2: the array has 2"},
		{motor(wire.StructPlain), plain, ".Weight", "", "no member Weight: the structure has Speed, Name, Curve, Drive"},
		{motor(wire.StructPlain), plain, ".Speed.X", "", "it is of type Int16, not a structure"},
		{motor(wire.StructPlain), plain, ".Drive.On", "", "an array of 2: name an element first, such as [0].On"},
		{motor(wire.StructPlain), plain, "", "", "a structure: name a member, such as .Speed"},
		{motor(wire.StructPlain), plain[:10], ".Drive[0].On", "", "a structure that does not fit its type's description: decode at byte 8: ends too early"},
		{motor(wire.StructOptional), join([]byte{2, 0, 0, 0}, name, curve, drive), ".Curve[0]", "1.5", ""},
		{motor(wire.StructOptional), join([]byte{2, 0, 0, 0}, name, curve, drive), ".Speed", "", "the structure is without its member Speed at present"},
		{motor(wire.StructOptional), join([]byte{0, 0, 0, 0}, name, drive), ".Drive[1].Temp", "16", ""},
		{motor(wire.StructUnion), join([]byte{2, 0, 0, 0}, name), ".Name", "M3", ""},
		{motor(wire.StructUnion), join([]byte{2, 0, 0, 0}, name), ".Speed", "", "the structure is without its member Speed at present"},
	} {
		if got, why := pickFrom(t, c.def, c.body, c.element); got != c.want || why != c.why {
			t.Errorf("%q of kind %d = %q, %q; want %q, %q", c.element, c.def.kind, got, why, c.want, c.why)
		}
	}
}

// TestSubtypedMembers reads members whose values bring their own types along.
func TestSubtypedMembers(t *testing.T) {
	def := func(kind uint32) *structure {
		s := &structure{kind: kind, names: "Limit, Drive, Drives, Name", fields: []field{
			{name: "Limit", typ: wire.TypeDouble, rank: -1, optional: true},
			{name: "Drive", typ: wire.TypeExtension, def: motor(wire.StructPlain), rank: -1, optional: true},
			{name: "Drives", typ: wire.TypeExtension, def: motor(wire.StructPlain), optional: true, rank: 1},
			{name: "Name", typ: wire.TypeString, rank: -1},
		}}
		for i := range s.fields {
			if f := &s.fields[i]; f.optional {
				f.subtyped()
			}
		}
		return s
	}
	inner := func(body []byte) []byte {
		return wire.AppendBytes(append(wire.AppendNodeID(nil, wire.NodeID{Space: 2, Num: 8}), 1), body)
	}
	limit := []byte{4, 0xF9, 0xFF} // Variant with an Int16
	one := inner(join(speed, name, curve, drive))
	many := join([]byte{2, 0, 0, 0}, wire.AppendNodeID(nil, wire.NodeID{}), []byte{0}, one)
	whole := join(limit, one, many, name)
	for _, c := range []struct {
		kind               uint32
		body               []byte
		element, want, why string
	}{
		{wire.StructSubtyped, whole, ".Limit", "-7", ""},
		{wire.StructSubtyped, whole, ".Drive.Speed", "-2", ""},
		{wire.StructSubtyped, whole, ".Drives[1].Drive[1].Temp", "16", ""},
		{wire.StructSubtyped, whole, ".Name", "M3", ""},
		{wire.StructSubtypedUnion, join([]byte{1, 0, 0, 0}, limit), ".Limit", "-7", ""},
		{wire.StructSubtypedUnion, join([]byte{4, 0, 0, 0}, name), ".Name", "M3", ""},
		{wire.StructSubtypedUnion, join([]byte{4, 0, 0, 0}, name), ".Limit", "", "the structure is without its member Limit at present"},
		{wire.StructSubtypedUnion, []byte{0, 0, 0, 0}, ".Limit", "", "the structure is without its member Limit at present"},
		{wire.StructSubtypedUnion, []byte{0xFF, 0xFF, 0xFF, 0xFF}, ".Limit", "", misfit + "decode at byte 4: a union with member 4294967295 of 4"},
	} {
		types := map[wire.NodeID]*structure{{Space: 2, Num: 7}: def(c.kind), {Space: 2, Num: 8}: motor(wire.StructPlain)}
		f := filler{l: &Link{types: described(types)}, p: planOf(c.element)}
		raw := wire.AppendBytes(append(wire.AppendNodeID(nil, wire.NodeID{Space: 2, Num: 7}), 1), c.body)
		f.lay(wire.Variant{Type: wire.TypeExtension, Raw: raw})
		v, why := f.pick(0)
		got := ""
		if why == "" {
			got = display(v)
		}
		if got != c.want || why != c.why {
			t.Errorf("%s of kind %d = %q, %q; want %q, %q", c.element, c.kind, got, why, c.want, c.why)
		}
	}
}

func FuzzMembers(f *testing.F) {
	f.Add(join(speed, name, curve, drive), uint8(0))
	f.Add(join([]byte{2, 0, 0, 0}, name, curve, drive), uint8(1))
	f.Fuzz(func(t *testing.T, body []byte, kind uint8) {
		for _, element := range []string{".Drive[1].Temp", ".Curve[0]", ".Name"} {
			pickFrom(t, motor(uint32(kind%5)), body, element)
		}
	})
}
