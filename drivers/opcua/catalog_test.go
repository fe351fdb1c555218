package opcua

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping"
)

// describer is a server's types, as it tells of them.
type describer struct {
	types    map[wire.NodeID]wire.Definition
	above    map[wire.NodeID]wire.NodeID
	encoding map[wire.NodeID]wire.NodeID
	refuse   func(types []wire.NodeID) error // of a request for definitions
	status   func(typ wire.NodeID) wire.Status
	requests int
	asked    map[wire.NodeID]int // for the definition
}

// typ is data type n of the server, encoding is the id of its encoding.
func typ(n uint32) wire.NodeID      { return wire.NodeID{Space: 2, Num: n} }
func encoding(n uint32) wire.NodeID { return wire.NodeID{Space: 3, Num: n} }

// server is a describer of the structures in types, by number.
func server(types map[uint32][]wire.Field) *describer {
	d := &describer{
		types: map[wire.NodeID]wire.Definition{}, above: map[wire.NodeID]wire.NodeID{},
		encoding: map[wire.NodeID]wire.NodeID{}, asked: map[wire.NodeID]int{},
	}
	for n, fields := range types {
		d.types[typ(n)] = wire.Definition{Encoding: encoding(n), Fields: fields}
		d.above[typ(n)] = wire.Numeric(22)
		d.encoding[encoding(n)] = typ(n)
	}
	return d
}

func (d *describer) definitions(_ context.Context, types []wire.NodeID, yield func(i int, v *wire.DataValue)) error {
	d.requests++
	if d.refuse != nil {
		if err := d.refuse(types); err != nil {
			return err
		}
	}
	for i, t := range types {
		d.asked[t]++
		v := wire.DataValue{Status: wire.BadAttributeIDInvalid}
		if d.status != nil && d.status(t) != 0 {
			v.Status = d.status(t)
		} else if def, ok := d.types[t]; ok {
			v = wire.DataValue{Value: extensionOf(wire.StructureDefinition, definitionBytes(def))}
		}
		yield(i, &v)
	}
	return nil
}

func (d *describer) related(_ context.Context, nodes []wire.NodeID, reference wire.NodeID, yield func(int, wire.Status, wire.NodeID)) error {
	d.requests++
	for i, n := range nodes {
		switch reference {
		case wire.HasEncoding:
			yield(i, 0, d.encoding[n])
		default:
			yield(i, 0, d.above[n])
		}
	}
	return nil
}

// extensionOf is a structure as the value of a Variant.
func extensionOf(id wire.NodeID, body []byte) wire.Variant {
	return wire.Variant{Type: wire.TypeExtension, Raw: wire.AppendBytes(append(wire.AppendNodeID(nil, id), 1), body)}
}

// definitionBytes encodes a StructureDefinition (Part 3, 8.48).
func definitionBytes(d wire.Definition) []byte {
	b := wire.AppendNodeID(wire.AppendNodeID(nil, d.Encoding), wire.Numeric(22))
	b = le.AppendUint32(le.AppendUint32(b, d.Kind), uint32(len(d.Fields)))
	for _, f := range d.Fields {
		b = append(wire.AppendString(b, f.Name), 0)
		b = le.AppendUint32(wire.AppendNodeID(b, f.Type), uint32(f.Rank))
		b = le.AppendUint32(le.AppendUint32(b, 0xFFFFFFFF), 0)
		b = append(b, map[bool]byte{true: 1}[f.Optional])
	}
	return b
}

func fieldOf(name string, typ wire.NodeID) wire.Field {
	return wire.Field{Name: name, Type: typ, Rank: -1}
}

var double = wire.Numeric(11)

// valueOf takes element from a structure with that encoding, as far as c knows it.
func valueOf(t *testing.T, c *catalog, id wire.NodeID, body []byte, element string) string {
	t.Helper()
	f := filler{l: &Link{types: c}, p: planOf(element)}
	f.lay(extensionOf(id, body))
	v, why := f.pick(0)
	if why != "" {
		return why
	}
	return display(v)
}

// lookUp has c learn encoding n from d, as often as it wants to.
func lookUp(t *testing.T, c *catalog, d *describer, n uint32) {
	t.Helper()
	c.meet(encoding(n))
	if err := c.lookUp(t.Context(), d, time.Now(), func() bool { return true }); err != nil {
		t.Fatal(err)
	}
}

func doubles(v ...float64) (b []byte) {
	for _, x := range v {
		b = wire.AppendDouble(b, x)
	}
	return b
}

// TestTypesAreLookedUpOnce counts what ten nested types, a wide one and recursive ones cost.
func TestTypesAreLookedUpOnce(t *testing.T) {
	nested := map[uint32][]wire.Field{}
	for n := range uint32(10) {
		nested[n+1] = []wire.Field{fieldOf("A", typ(n+2)), fieldOf("B", typ(n+2))}
	}
	nested[10] = []wire.Field{fieldOf("X", double)}
	array := func(name string, n uint32) wire.Field { return wire.Field{Name: name, Type: typ(n), Rank: 1} }
	wide := map[uint32][]wire.Field{}
	for i := range uint32(16) {
		wide[1] = append(wide[1], fieldOf(fmt.Sprint("Axis", i), typ(2)))
		wide[2] = append(wide[2], fieldOf(fmt.Sprint("M", i), typ(100+i)))
	}
	for name, c := range map[string]struct {
		types    map[uint32][]wire.Field
		requests int
	}{
		"nested":    {nested, 11}, // one for the encoding, one for each type
		"wide":      {wide, 5},    // of the 16 enumerations also what they are derived from
		"recursive": {map[uint32][]wire.Field{1: {fieldOf("X", double), array("Left", 1), array("Right", 1)}}, 2},
		"mutual":    {map[uint32][]wire.Field{1: {fieldOf("X", double), array("Y", 2)}, 2: {array("A", 1), array("B", 1)}}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			d := server(c.types)
			for i := range uint32(16) {
				d.above[typ(100+i)] = enumerationType
			}
			known := newCatalog()
			lookUp(t, known, d, 1)
			lookUp(t, known, d, 1)
			if s, why := known.structure(encoding(1)); s == nil || d.requests > c.requests {
				t.Errorf("%d requests, want %d at most: %s", d.requests, c.requests, why)
			}
			for id, n := range d.asked {
				if n != 1 {
					t.Errorf("type %v was looked up %d times", id, n)
				}
			}
		})
	}
}

// TestARecursiveStructureIsRead reads a tree by its type, which holds arrays of itself.
func TestARecursiveStructureIsRead(t *testing.T) {
	array := func(name string) wire.Field { return wire.Field{Name: name, Type: typ(1), Rank: 1} }
	c := newCatalog()
	lookUp(t, c, server(map[uint32][]wire.Field{1: {fieldOf("X", double), array("Left"), array("Right")}}), 1)
	none := []byte{0, 0, 0, 0}
	leaf := join(doubles(2), none, none)
	body := join(doubles(1), []byte{1, 0, 0, 0}, leaf, []byte{2, 0, 0, 0}, leaf, join(doubles(3), none, none))
	for element, want := range map[string]string{".X": "1", ".Left[0].X": "2", ".Right[1].X": "3", ".Right[1].Left[0].X": "no element 0: the array has 0"} {
		if got := valueOf(t, c, encoding(1), body, element); got != want {
			t.Errorf("%s = %q, want %q", element, got, want)
		}
	}
	endless := newCatalog()
	lookUp(t, endless, server(map[uint32][]wire.Field{1: {fieldOf("A", typ(1)), fieldOf("B", typ(1))}}), 1)
	if got := valueOf(t, endless, encoding(1), make([]byte, 100), ".A"); !strings.HasPrefix(got, misfit) {
		t.Errorf("a structure that holds itself without end: %q", got)
	}
}

// TestAFaultAtOneTypeIsAskedAgain has the server fail once over the inner of two types: nothing is read from the
// outer one until the inner is known.
func TestAFaultAtOneTypeIsAskedAgain(t *testing.T) {
	types := map[uint32][]wire.Field{1: {fieldOf("Limits", typ(2)), fieldOf("X", double)}, 2: {fieldOf("Low", double), fieldOf("High", double)}}
	body := doubles(0, 100, 42.5)
	const outOfMemory = wire.Status(0x80030000)
	for name, fail := range map[string]func(*describer, *bool){
		"the request": func(d *describer, failing *bool) {
			d.refuse = func(types []wire.NodeID) error {
				if *failing && slices.Contains(types, typ(2)) {
					return outOfMemory
				}
				return nil
			}
		},
		"the value": func(d *describer, failing *bool) {
			d.status = func(id wire.NodeID) wire.Status {
				if *failing && id == typ(2) {
					return outOfMemory
				}
				return 0
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			d, failing := server(types), true
			fail(d, &failing)
			c := newCatalog()
			lookUp(t, c, d, 1)
			if got := valueOf(t, c, encoding(1), body, ".X"); !strings.Contains(got, "asked again") {
				t.Fatalf("X of a structure with an unknown member is %q", got)
			}
			failing = false
			now := time.Now()
			if c.pending(now) || !c.pending(now.Add(retryEvery)) {
				t.Error("the type is not asked for again after a while, or at once")
			}
			if err := c.lookUp(t.Context(), d, now.Add(retryEvery), func() bool { return true }); err != nil {
				t.Fatal(err)
			}
			if got := valueOf(t, c, encoding(1), body, ".X"); got != "42.5" {
				t.Errorf("X = %q, want 42.5", got)
			}
		})
	}
}

// TestAServerThatChokesOnOneType halves what is asked for at once until the type stands alone; the others are known.
func TestAServerThatChokesOnOneType(t *testing.T) {
	types := map[uint32][]wire.Field{}
	for n := range uint32(20) {
		types[n] = []wire.Field{fieldOf("X", double)}
	}
	d := server(types)
	d.refuse = func(types []wire.NodeID) error {
		if slices.Contains(types, typ(7)) {
			return wire.BadResponseTooLarge
		}
		return nil
	}
	c := newCatalog()
	for n := range uint32(20) {
		c.meet(encoding(n))
	}
	lookUp(t, c, d, 0)
	for n := range uint32(20) {
		if s, why := c.structure(encoding(n)); (s != nil) == (n == 7) {
			t.Errorf("type %d: %v %s", n, s, why)
		}
	}
}

// TestWhatIsNotDescribedIsBad has members whose lengths cannot be known, with a Double after them.
func TestWhatIsNotDescribedIsBad(t *testing.T) {
	rank := func(n int32) wire.Field { return wire.Field{Name: "M", Type: double, Rank: n} }
	for name, c := range map[string]struct {
		member wire.Field
		above  wire.NodeID
		want   string
	}{
		"a structure without a definition": {fieldOf("M", typ(2)), wire.Numeric(22), "does not describe"},
		"a type without a supertype":       {fieldOf("M", typ(2)), wire.NodeID{}, "does not describe"},
		"any number of dimensions":         {rank(-2), wire.NodeID{}, "ValueRank -2"},
		"one value or an array":            {rank(-3), wire.NodeID{}, "ValueRank -3"},
		"one dimension or more":            {rank(0), wire.NodeID{}, "ValueRank 0"},
	} {
		d := server(map[uint32][]wire.Field{1: {c.member, fieldOf("X", double)}})
		d.above[typ(2)] = c.above
		known := newCatalog()
		lookUp(t, known, d, 1)
		if got := valueOf(t, known, encoding(1), doubles(1, 42.5, 42.5), ".X"); !strings.Contains(got, c.want) {
			t.Errorf("%s: X is %q, want a reason with %q", name, got, c.want)
		}
	}
}

// TestStandardStructuresNeedNoDescription reads past a Range, which small servers do not describe, and a Duration.
func TestStandardStructuresNeedNoDescription(t *testing.T) {
	c := newCatalog()
	lookUp(t, c, server(map[uint32][]wire.Field{1: {fieldOf("Limits", rangeType), fieldOf("T", wire.Numeric(290)), fieldOf("X", double)}}), 1)
	for element, want := range map[string]string{".Limits.High": "100", ".X": "42.5"} {
		if got := valueOf(t, c, encoding(1), doubles(0, 100, 7, 42.5), element); got != want {
			t.Errorf("%s = %q, want %q", element, got, want)
		}
	}
}

// TestMatrixMember reads a matrix within a structure (Part 6, 5.2.5), and what comes after it.
func TestMatrixMember(t *testing.T) {
	c := newCatalog()
	m := wire.Field{Name: "M", Type: double, Rank: 2}
	lookUp(t, c, server(map[uint32][]wire.Field{1: {m, fieldOf("X", double)}}), 1)
	dims := []byte{2, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0}
	body := join(dims, doubles(1, 2, 3, 4, 5, 6, 777))
	for element, want := range map[string]string{
		".X": "777", ".M[1,0]": "4", ".M[5]": "6", ".M[2,0]": "no element: dimension 1 has 2", ".M": "an array of 6 Double: name an element, such as [0]",
	} {
		if got := valueOf(t, c, encoding(1), body, element); got != want {
			t.Errorf("%s = %q, want %q", element, got, want)
		}
	}
	for name, dims := range map[string][]byte{
		"one dimension": {1, 0, 0, 0, 2, 0, 0, 0},
		"huge":          {2, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0x7F},
		"overflowing":   {2, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0x7F},
	} {
		if got := valueOf(t, c, encoding(1), join(dims, doubles(1, 2, 777)), ".X"); !strings.HasPrefix(got, misfit) {
			t.Errorf("a matrix of %s: X = %q", name, got)
		}
	}
}

// TestTheBodyEndsWithItsLastMember has the server send one more byte, or one less, than it describes.
func TestTheBodyEndsWithItsLastMember(t *testing.T) {
	c := newCatalog()
	lookUp(t, c, server(map[uint32][]wire.Field{1: {fieldOf("X", double), fieldOf("Y", double)}}), 1)
	whole := doubles(1, 2)
	for n := range len(whole) + 2 {
		got := valueOf(t, c, encoding(1), append(whole, 0, 0)[:n], ".X")
		if n == len(whole) && got != "1" || n != len(whole) && !strings.HasPrefix(got, misfit) {
			t.Errorf("a body of %d bytes, described with %d: X = %q", n, len(whole), got)
		}
	}
	f := filler{l: &Link{types: c}, p: planOf(".X")}
	var b mapping.Batch
	f.value(0, &wire.DataValue{Value: extensionOf(encoding(1), append(whole, 0))}, &b)
	if got := b.Samples[0].Quality; got != mapping.BadDecodingError {
		t.Errorf("quality %v, want BadDecodingError", got)
	}
}

// TestMembersThatDifferInCase takes the one that is written like the element, and none by guess.
func TestMembersThatDifferInCase(t *testing.T) {
	c := newCatalog()
	lookUp(t, c, server(map[uint32][]wire.Field{1: {fieldOf("Speed", double), fieldOf("speed", double), fieldOf("Temp", double)}}), 1)
	for element, want := range map[string]string{
		".Speed": "1.5", ".speed": "99", ".TEMP": "3",
		".SPEED": "no member SPEED, and several that differ from it in upper and lower case: the structure has Speed, speed, Temp",
	} {
		if got := valueOf(t, c, encoding(1), doubles(1.5, 99, 3), element); got != want {
			t.Errorf("%s = %q, want %q", element, got, want)
		}
	}
}

// TestLookingUpIsBounded has a server whose every type has members of ever more types.
func TestLookingUpIsBounded(t *testing.T) {
	d := server(nil)
	next := uint32(1)
	d.refuse = func(types []wire.NodeID) error {
		for _, id := range types {
			var fields []wire.Field
			for range 50 {
				next++
				fields = append(fields, fieldOf(fmt.Sprint("M", next), typ(next)))
			}
			d.types[id] = wire.Definition{Fields: fields}
		}
		return nil
	}
	d.encoding[encoding(1)] = typ(1)
	c := newCatalog()
	lookUp(t, c, d, 1)
	if s, why := c.structure(encoding(1)); s != nil || why == "" || len(d.asked) > maxTypes {
		t.Errorf("%d types were looked up: %q", len(d.asked), why)
	}
	visit := newCatalog()
	visit.meet(encoding(1))
	before := d.requests
	if err := visit.lookUp(t.Context(), d, time.Now(), func() bool { return false }); err != nil || d.requests > before+3 {
		t.Errorf("%d requests in a visit whose time is over (%v)", d.requests-before, err)
	}
	if s, why := visit.structure(encoding(1)); s != nil || !strings.Contains(why, "being looked up") {
		t.Errorf("half known: %q", why)
	}
}
