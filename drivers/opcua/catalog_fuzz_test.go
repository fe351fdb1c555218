package opcua

import (
	"context"
	"fmt"
	"testing"
	"time"

	"tagbridge/drivers/opcua/wire"
)

// told is a server whose types 1 and 2 have the definitions of these bytes, whatever they are.
type told struct {
	describer
	definition [2][]byte
}

func (d *told) definitions(_ context.Context, types []wire.NodeID, yield func(i int, v *wire.DataValue)) error {
	for i, id := range types {
		v := wire.DataValue{Status: wire.BadAttributeIDInvalid}
		if n := id.Num - 1; id.Space == 2 && n < 2 {
			v = wire.DataValue{Value: extensionOf(wire.StructureDefinition, d.definition[n])}
		}
		yield(i, &v)
	}
	return nil
}

// FuzzStructures takes definitions and a body from a server that sends anything. What is read of it is within the
// body, and when something is read, all of the body has been accounted for.
func FuzzStructures(f *testing.F) {
	array := wire.Field{Name: "A", Type: typ(1), Rank: 1}
	matrix := wire.Field{Name: "M", Type: wire.Numeric(4), Rank: 2}
	optional := wire.Field{Name: "O", Type: typ(2), Rank: -1, Optional: true}
	inner := definitionBytes(wire.Definition{Fields: []wire.Field{fieldOf("S", wire.Numeric(12)), fieldOf("X", double)}})
	for _, c := range []struct {
		def  wire.Definition
		body []byte
	}{
		{wire.Definition{Fields: []wire.Field{fieldOf("X", double), array, array}}, join(doubles(1), make([]byte, 8))},
		{wire.Definition{Fields: []wire.Field{fieldOf("I", typ(2)), matrix}}, join(name, doubles(2), []byte{2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 5, 0, 6, 0})},
		{wire.Definition{Kind: wire.StructOptional, Fields: []wire.Field{optional, fieldOf("V", wire.Numeric(24))}}, []byte{0, 0, 0, 0, 4, 1, 0}},
		{wire.Definition{Kind: wire.StructUnion, Fields: []wire.Field{fieldOf("X", double), fieldOf("R", rangeType)}}, join([]byte{2, 0, 0, 0}, doubles(1, 2))},
		{wire.Definition{Kind: wire.StructSubtyped, Fields: []wire.Field{optional}}, []byte{0, 0, 0}},
	} {
		f.Add(definitionBytes(c.def), inner, c.body)
	}
	f.Fuzz(func(t *testing.T, one, two, body []byte) {
		d := &told{definition: [2][]byte{one, two}}
		d.encoding = map[wire.NodeID]wire.NodeID{encoding(1): typ(1)}
		c := newCatalog()
		c.meet(encoding(1))
		if err := c.lookUp(t.Context(), d, time.Now(), func() bool { return true }); err != nil {
			t.Fatal(err)
		}
		s, why := c.structure(encoding(1))
		if s == nil {
			if why == "" {
				t.Fatal("no structure, and no reason")
			}
			return
		}
		var o opened
		o.open(s, body)
		s.members(nil, nil, nil)
		if o.err == nil {
			accounted(t, &o)
			pickFrom(t, s, body, ".A[0].X")
		}
	})
}

// accounted checks that the members of o, and what comes before them, make up its body.
func accounted(t *testing.T, o *opened) {
	t.Helper()
	end := map[bool]int{true: 4}[o.def.kind == wire.StructOptional || o.def.isUnion()]
	for i, at := range o.places {
		if at.to == 0 {
			continue
		}
		if at.from != end || at.to < at.from {
			t.Fatalf("member %d is at %d to %d, the one before ends at %d", i, at.from, at.to, end)
		}
		end = at.to
		if p, ok := o.member(i); !ok || len(p.Raw) > at.to-at.from || p.Count < 0 {
			t.Fatalf("member %d: %+v", i, p)
		}
	}
	if end != len(o.body) {
		t.Fatalf("the members end at %d of %d bytes", end, len(o.body))
	}
}

// TestElementsInOrderAreReadOnce takes all elements of an array of texts, and of one of structures in a structure: each
// begins where the one before ended.
func TestElementsInOrderAreReadOnce(t *testing.T) {
	c := newCatalog()
	lookUp(t, c, server(map[uint32][]wire.Field{
		1: {fieldOf("X", double), {Name: "Axis", Type: typ(2), Rank: 1}}, 2: {fieldOf("Name", wire.Numeric(12)), fieldOf("N", double)},
	}), 1)
	const n = 1000
	var elements []string
	body := le.AppendUint32(doubles(1), n)
	for i := range n {
		body = join(body, name, doubles(float64(i)))
		elements = append(elements, fmt.Sprintf(".Axis[%d].N", i))
	}
	f := filler{l: &Link{types: c}, p: planOf(elements...)}
	f.lay(extensionOf(encoding(1), body))
	each := len(name) + 8
	for i := range n {
		v, why := f.pick(i)
		if got := le.Uint64(v.Raw); why != "" || got != le.Uint64(doubles(float64(i))) {
			t.Fatalf("element %d: %v %s", i, v, why)
		}
		if g := &f.path[1]; g.next != i || g.pos != i*each {
			t.Fatalf("after element %d the next search begins at element %d, byte %d", i, g.next, g.pos)
		}
	}
}
