package opcua

import (
	"fmt"
	"time"

	"tagbridge/drivers/opcua/wire"
)

// catalog is what one session's server tells of its data types. Each is looked up once, level by level: those that are
// met together are asked for together. What the server fails to tell is asked for again later. A type that cannot be
// followed down to built-in types is not described: no value is taken from a structure with a member of it.
type catalog struct {
	types     map[wire.NodeID]*dataType // by the type's id
	encodings map[wire.NodeID]*dataType // by the id of the binary encoding; nil: to be looked up
	met       []wire.NodeID             // encodings to be looked up
	fresh     []*dataType               // to be asked for their definitions
	orphans   []*dataType               // without a definition: to be asked for what they are subtypes of
	most      int                       // how many are asked for at once
	members   int                       // of all types together
	failed    bool                      // some look-ups failed: all that is not known is due at retryAt
	retryAt   time.Time
	pause     time.Duration
	version   int // counts what became known
	round     int // of resolving
}

// dataType is a data type, as far as it is known.
type dataType struct {
	id    wire.NodeID
	state typeState
	def   *wire.Definition // nil: it is no structure
	above wire.NodeID      // of one without a definition: its supertype; null: none
	whole *structure       // resolved
	why   string           // it cannot be resolved
	round int              // of resolving, in which it was seen
	enum  []wire.EnumText  // of an enumeration, once they were asked for; not nil: there are no others
}

type typeState uint8

const (
	typeFresh  typeState = iota // nothing is known
	typeOrphan                  // it has no definition
	typeTold                    // all that there is to know
)

// What is looked up at most: types of one server, members of all of them together, and how many at once.
const (
	maxTypes   = 2000
	maxMembers = 50_000
	typesAsked = 100
)

func newCatalog() *catalog {
	c := &catalog{types: map[wire.NodeID]*dataType{}, encodings: map[wire.NodeID]*dataType{}, most: typesAsked, pause: retryEvery}
	for encoding, typ := range standardEncodings {
		c.encodings[encoding] = c.want(typ)
	}
	c.settle()
	return c
}

// meet notes the encoding of a structure, to be looked up when it is not known.
func (c *catalog) meet(encoding wire.NodeID) {
	if _, known := c.encodings[encoding]; known || len(c.encodings) >= maxTypes {
		return
	}
	c.encodings[encoding] = nil
	c.met = append(c.met, encoding)
}

// structure is how values with this encoding are made; else why says why that is not known.
func (c *catalog) structure(encoding wire.NodeID) (s *structure, why string) {
	t, met := c.encodings[encoding]
	switch {
	case t != nil && t.whole != nil:
		return t.whole, ""
	case t != nil && t.why != "":
		return nil, t.why
	case !met && len(c.encodings) >= maxTypes:
		return nil, fmt.Sprintf("a structure of one type more than the %d that are looked up", maxTypes)
	case c.failed:
		return nil, "a structure whose type (" + encoding.String() + ") the server failed to describe: it is asked again later"
	}
	return nil, "a structure whose type (" + encoding.String() + ") is being looked up"
}

// undescribed is what there is to say of a type that the server does not describe. Servers from before version 1.04 of
// the standard have type dictionaries instead, which are not read.
func undescribed(id wire.NodeID) string {
	return "a structure of a type that the server does not describe (" + id.String() +
		"): map its members' own nodes, or have the server give its types a DataTypeDefinition (OPC UA 1.04)"
}

// pending reports that there is something to be asked.
func (c *catalog) pending(now time.Time) bool {
	return len(c.met)+len(c.fresh)+len(c.orphans) > 0 || c.failed && !now.Before(c.retryAt)
}

// want is the type with that id, which is looked up if it is not known.
func (c *catalog) want(id wire.NodeID) *dataType {
	t := c.types[id]
	if t != nil {
		return t
	}
	t = &dataType{id: id}
	c.types[id] = t
	switch def := standardStructures[id]; {
	case def != nil:
		c.define(t, def)
	case len(c.types) > maxTypes:
		t.refuse(fmt.Sprintf("a structure of more than %d types", maxTypes))
	default:
		c.fresh = append(c.fresh, t)
	}
	return t
}

// define takes over what t is made of, and wants the types of its members.
func (c *catalog) define(t *dataType, def *wire.Definition) {
	c.members += len(def.Fields)
	if why := unusable(def); why != "" {
		t.refuse(why)
		return
	}
	if c.members > maxMembers {
		t.refuse(fmt.Sprintf("a structure: the server's types have more than %d members", maxMembers))
		return
	}
	t.state, t.def = typeTold, def
	for i := range def.Fields {
		if builtin(def.Fields[i].Type) == wire.TypeNull {
			c.want(def.Fields[i].Type)
		}
	}
}

// refuse gives t up.
func (t *dataType) refuse(why string) { t.state, t.why = typeTold, why }

// unusable is why values cannot be read by this definition; "" when they can.
func unusable(def *wire.Definition) string {
	if def.Kind > wire.StructSubtypedUnion {
		return fmt.Sprintf("a structure of a kind that is not known (%d)", def.Kind)
	}
	optional := 0
	for i := range def.Fields {
		f := &def.Fields[i]
		if f.Rank != -1 && f.Rank < 1 {
			return fmt.Sprintf("a structure whose member %s has no fixed number of dimensions (ValueRank %d)", f.Name, f.Rank)
		}
		if f.Optional {
			optional++
		}
	}
	if def.Kind == wire.StructOptional && optional > 32 {
		return "a structure with more than 32 optional members, which its encoding has no room for"
	}
	return ""
}

// see notes the types of structures in v that are not known.
func (c *catalog) see(v wire.Variant) {
	note := func(raw []byte) {
		if e := wire.NewReader(raw).Extension(); e.Body != nil {
			c.meet(e.Type)
		}
	}
	switch {
	case v.Type != wire.TypeExtension:
	case !v.Array:
		note(v.Raw)
	default:
		for i, e := range v.All() {
			if note(e.Raw); i == 100 {
				return
			}
		}
	}
}
