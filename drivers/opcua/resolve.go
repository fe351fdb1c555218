package opcua

import (
	"slices"
	"strings"

	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping/node"
)

// settle resolves the types of all encodings of which everything is known.
func (c *catalog) settle() {
	for _, t := range c.encodings {
		if t == nil || t.whole != nil || t.why != "" {
			continue
		}
		c.round++
		var within []*dataType
		if why, known := c.within(t, &within); !known {
			continue
		} else if why != "" {
			t.why = why
		} else {
			c.build(within)
		}
		c.version++
	}
}

// within collects t and the structures in it that are not resolved. why says why it cannot be; known is false as long
// as something has not been told.
func (c *catalog) within(t *dataType, list *[]*dataType) (why string, known bool) {
	todo := []*dataType{t}
	for len(todo) > 0 {
		t := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if t.whole != nil || t.round == c.round {
			continue
		}
		t.round = c.round
		switch {
		case t.why != "":
			return t.why, true
		case t.state != typeTold:
			return "", false
		case t.def == nil:
			return undescribed(t.id), true
		}
		*list = append(*list, t)
		for i := range t.def.Fields {
			df := &t.def.Fields[i]
			e := c.encodedAs(df.Type)
			switch {
			case !e.known:
				return "", false
			case e.why != "" && !(t.def.Kind >= wire.StructSubtyped && df.Optional):
				return "a structure whose member " + df.Name + " is " + e.why, true
			case e.structure != nil:
				todo = append(todo, e.structure)
			}
		}
	}
	return "", true
}

// encoded is how values of a data type are encoded.
type encoded struct {
	typ        wire.Type
	structure  *dataType // of a described structure
	enumerated bool
	why        string // it cannot be told
	known      bool
}

// encodedAs finds what a data type is made of: a built-in type, directly or as its ancestor, or a structure.
func (c *catalog) encodedAs(id wire.NodeID) encoded {
	given := id
	for range maxNested {
		if typ := builtin(id); typ != wire.TypeNull {
			e := encoded{typ: typ, known: true, enumerated: id == enumerationType && id != given}
			if typ == wire.TypeExtension && id != given { // what it is made of stands in the body, and is not known
				e.why = undescribed(given)
			}
			return e
		}
		t := c.types[id]
		switch {
		case t == nil || t.state != typeTold:
			return encoded{}
		case t.def != nil && id == given:
			return encoded{typ: wire.TypeExtension, structure: t, known: true}
		case t.def != nil || t.why != "":
			return encoded{typ: wire.TypeExtension, why: undescribed(given), known: true}
		case t.above.IsNull():
			return encoded{why: "of a type that the server does not describe (" + given.String() + ")", known: true}
		}
		id = t.above
	}
	return encoded{why: "of a type with more ancestors than types have (" + given.String() + ")", known: true}
}

// build makes structures of types all of whose members are known, which may be of each other.
func (c *catalog) build(list []*dataType) {
	for _, t := range list {
		t.whole = &structure{kind: t.def.Kind}
	}
	for _, t := range list {
		var names []string
		for i := range t.def.Fields {
			df := &t.def.Fields[i]
			e := c.encodedAs(df.Type)
			f := field{name: df.Name, rank: int(df.Rank), typ: e.typ, optional: df.Optional}
			if e.structure != nil {
				f.def = e.structure.whole
			}
			if e.enumerated {
				f.kind = df.Type
			}
			if t.def.Kind >= wire.StructSubtyped && f.optional {
				f.subtyped()
			}
			names = append(names, f.name)
			t.whole.fields = append(t.whole.fields, f)
		}
		t.whole.names = strings.Join(names[:min(len(names), maxNamed)], ", ")
		if len(names) > maxNamed {
			t.whole.names += ", …"
		}
	}
}

// maxNamed is how many members of a structure are named to people.
const maxNamed = 30

// subtyped has f be of any subtype of its type, which then goes along with the value (Part 6, 5.2.6).
func (f *field) subtyped() {
	if f.optional = false; f.typ != wire.TypeExtension {
		f.typ = wire.TypeVariant
	}
	f.def = nil
}

var enumerationType = wire.Numeric(29)

// builtin is the built-in type that values of a data type of the standard's namespace are encoded as, if it is one or
// one that is known to be derived from one.
func builtin(typ wire.NodeID) wire.Type {
	if typ.Space != 0 || typ.Kind != node.Numeric {
		return wire.TypeNull
	}
	switch {
	case typ.Num >= 1 && typ.Num <= 25:
		return wire.Type(typ.Num)
	case typ.Num >= 26 && typ.Num <= 28: // Number, Integer, UInteger
		return wire.TypeVariant
	case typ == enumerationType:
		return wire.TypeInt32
	}
	if i := slices.IndexFunc(derived[:], func(d derivedType) bool { return d.id == typ.Num }); i >= 0 {
		return derived[i].typ
	}
	return wire.TypeNull
}
