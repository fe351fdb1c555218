package opcua

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tagbridge/drivers/opcua/wire"
)

// levelAt is a level of Objects over call, and how many turns it took until its end.
func levelAt(t *testing.T, o LevelOptions, call func(context.Context, wire.Request) (*wire.Reader, error)) (v *Level, turns int, err error) {
	t.Helper()
	v = NewLevel(o)
	v.w = walker{
		l: &Link{limits: operationLimits{browse: 1000}, types: newCatalog(), o: LinkOptions{Now: time.Now}}, call: call,
		seen: map[wire.NodeID]bool{serverObject: true, wire.ObjectsFolder: true}, refs: browseRefs,
	}
	v.root, v.step = wire.ObjectsFolder, v.browse
	for ; v.step != nil && err == nil; turns++ {
		if turns > 1000 {
			t.Fatal("it goes on without an end")
		}
		v.step, err = v.step(t.Context())
	}
	return v, turns, err
}

// TestLevelIsAPart wants parts of a folder of 60 from servers that tell little at once.
func TestLevelIsAPart(t *testing.T) {
	for name, change := range map[string]func(*tree){
		"plenty":       func(*tree) {},
		"7 references": func(s *tree) { s.most = 7 },
	} {
		for _, c := range []struct {
			first, most, want int
			more              bool
		}{{0, 100, 60, false}, {0, 60, 60, false}, {0, 59, 59, true}, {10, 20, 20, true}, {55, 20, 5, false}, {60, 5, 0, false}, {1000, 5, 0, false}} {
			s := folders(60, 3)
			change(s)
			v, _, err := levelAt(t, LevelOptions{First: c.first, Most: c.most, Path: []string{"Plant"}}, s.call)
			if err != nil || len(v.Found()) != c.want || v.More() != c.more {
				t.Errorf("%s, %+v: %d nodes, more %v, %v", name, c, len(v.Found()), v.More(), err)
				continue
			}
			for i, f := range v.Found() {
				if want := []string{"Plant", fmt.Sprint("n", 1000+c.first+i)}; !slices.Equal(f.Path, want) {
					t.Fatalf("%s, %+v: node %d is %v, want %v", name, c, i, f.Path, want)
				}
			}
			if len(s.open) > 0 {
				t.Errorf("%s, %+v: the server holds %d places that nobody goes on from", name, c, len(s.open))
			}
		}
	}
}

// TestLevelSaysThatItIsNotWhole has servers that cannot go on: they tell the first few children, and never the others.
func TestLevelSaysThatItIsNotWhole(t *testing.T) {
	for name, change := range map[string]func(*tree){
		"no place left":     func(s *tree) { s.points = 0 },
		"the place is gone": func(s *tree) { s.forgets = true },
	} {
		s := folders(60, 3)
		s.most = 20
		change(s)
		if _, _, err := levelAt(t, LevelOptions{Most: 100}, s.call); err == nil {
			t.Errorf("%s: a part is taken for all", name)
		}
	}
}

// TestLevelOfAServerThatLies has servers without an end, with cycles, and with names that nobody can read.
func TestLevelOfAServerThatLies(t *testing.T) {
	released := 0
	answer := func(point string, refs func(out []byte) ([]byte, int)) func(context.Context, wire.Request) (*wire.Reader, error) {
		return func(_ context.Context, q wire.Request) (*wire.Reader, error) {
			if next, ok := q.(wire.BrowseNext); ok && next.Release {
				released++
			}
			out := wire.AppendBytes(le.AppendUint32(le.AppendUint32(nil, 1), 0), []byte(point))
			list, n := refs(nil)
			return wire.NewReader(append(le.AppendUint32(out, uint32(n)), list...)), nil
		}
	}
	reference := func(out []byte, n wire.NodeID, name string) []byte {
		out = append(wire.AppendNodeID(out, wire.Numeric(35)), 1)
		out = wire.AppendName(wire.AppendNodeID(out, n), wire.QualifiedName{Name: name})
		return wire.AppendNodeID(le.AppendUint32(append(out, 0), wire.ClassObject), wire.Numeric(61))
	}
	always := func(out []byte) ([]byte, int) { return reference(out, typ(7), "same"), 1 }
	if v, _, err := levelAt(t, LevelOptions{Most: 10}, answer("more", always)); err == nil || len(v.Found()) > 1 || !strings.Contains(err.Error(), "without an end") {
		t.Errorf("the same without an end: %v, %d nodes", err, len(v.Found()))
	}
	n := uint32(0)
	fresh := func(out []byte) ([]byte, int) {
		for range 3 {
			n++
			out = reference(out, typ(n), "new")
		}
		return out, 3
	}
	if v, turns, err := levelAt(t, LevelOptions{First: 5, Most: 10}, answer("more", fresh)); err != nil || len(v.Found()) != 10 || !v.More() || turns > 8 || released != 1 {
		t.Errorf("new ones without an end: %v, %d nodes in %d turns, %d places were given back", err, len(v.Found()), turns, released)
	}
	cycle := func(out []byte) ([]byte, int) {
		return reference(reference(out, wire.ObjectsFolder, "myself"), typ(3), strings.Repeat("\u202e漢", 100_000)), 2
	}
	v, _, err := levelAt(t, LevelOptions{Most: 10}, answer("", cycle))
	if err != nil || len(v.Found()) != 1 || len(v.Found()[0].Path[0]) > maxLevelName+4 {
		t.Errorf("a cycle, and a long name: %v, %d nodes", err, len(v.Found()))
	}
	for what, call := range map[string]func(context.Context, wire.Request) (*wire.Reader, error){
		"no answer": func(context.Context, wire.Request) (*wire.Reader, error) {
			return wire.NewReader(le.AppendUint32(nil, 0)), nil
		},
		"garbage":   func(context.Context, wire.Request) (*wire.Reader, error) { return wire.NewReader([]byte{1, 0, 0}), nil },
		"too large": func(context.Context, wire.Request) (*wire.Reader, error) { return nil, wire.Status(0x80B90000) },
		"refused":   func(context.Context, wire.Request) (*wire.Reader, error) { return nil, wire.BadUserAccessDenied },
	} {
		if v, _, err := levelAt(t, LevelOptions{Most: 10}, call); err == nil || len(v.Found()) > 0 {
			t.Errorf("%s: %v, %d nodes", what, err, len(v.Found()))
		}
	}
}
