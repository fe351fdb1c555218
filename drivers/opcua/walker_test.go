package opcua

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"tagbridge/drivers/opcua/wire"
)

// tree is a server's tree by the rules of Part 4, 5.8.2: it tells at most a few references at once, and holds places to
// go on from for a few nodes only.
type tree struct {
	children map[wire.NodeID][]wire.NodeID
	denied   map[wire.NodeID]wire.Status
	most     int // references of one answer
	points   int // places to go on from
	nodes    int // of one request; 0: any number
	open     map[string][]wire.NodeID
	issued   int
	forgets  bool // places are gone when somebody goes on from them
}

func (s *tree) call(_ context.Context, q wire.Request) (*wire.Reader, error) {
	var out []byte
	switch q := q.(type) {
	case wire.Browse:
		if s.nodes > 0 && len(q.Nodes) > s.nodes {
			return nil, wire.BadTooManyOperations
		}
		out = le.AppendUint32(out, uint32(len(q.Nodes)))
		for _, n := range q.Nodes {
			out = s.result(out, s.denied[n], s.children[n], int(q.Max))
		}
	case wire.BrowseNext:
		out = le.AppendUint32(out, uint32(len(q.Points)))
		for _, p := range q.Points {
			rest, ok := s.open[string(p)]
			delete(s.open, string(p))
			if q.Release {
				out = wire.AppendBytes(le.AppendUint32(out, 0), nil)
				out = le.AppendUint32(out, 0)
			} else if ok && !s.forgets {
				out = s.result(out, 0, rest, s.most)
			} else {
				out = s.result(out, wire.BadContinuationPointInvalid, nil, 0)
			}
		}
	}
	return wire.NewReader(out), nil
}

func (s *tree) result(out []byte, status wire.Status, refs []wire.NodeID, most int) []byte {
	if most == 0 || most > s.most {
		most = s.most
	}
	var point, rest = []byte(nil), []wire.NodeID(nil)
	if len(refs) > most {
		if refs, rest = refs[:most], refs[most:]; len(s.open) < s.points {
			s.issued++
			point = fmt.Append(nil, s.issued)
			s.open[string(point)] = rest
		} else {
			status, refs = wire.BadNoContinuationPoints, nil
		}
	}
	out = wire.AppendBytes(le.AppendUint32(out, uint32(status)), point)
	out = le.AppendUint32(out, uint32(len(refs)))
	for _, n := range refs {
		out = append(wire.AppendNodeID(out, wire.Numeric(35)), 1)
		out = wire.AppendName(wire.AppendNodeID(out, n), wire.QualifiedName{Name: fmt.Sprint("n", n.Num)})
		out = le.AppendUint32(append(out, 0), wire.ClassObject)
		out = wire.AppendNodeID(out, wire.Numeric(61))
	}
	return out
}

// folders is a tree of folders with leaves.
func folders(n, leaves int) *tree {
	s := &tree{children: map[wire.NodeID][]wire.NodeID{}, denied: map[wire.NodeID]wire.Status{}, most: 1000, points: 10, open: map[string][]wire.NodeID{}}
	for i := range uint32(n) {
		s.children[wire.ObjectsFolder] = append(s.children[wire.ObjectsFolder], typ(1000+i))
		for k := range uint32(leaves) {
			s.children[typ(1000+i)] = append(s.children[typ(1000+i)], typ(10_000+i*1000+k))
		}
	}
	return s
}

// walkAll follows the whole tree.
func walkAll(t *testing.T, s *tree) *walker {
	t.Helper()
	w := &walker{l: &Link{limits: operationLimits{browse: 1000}}, call: s.call, seen: map[wire.NodeID]bool{}, refs: browseRefs}
	level := []branch{{node: wire.ObjectsFolder, parent: -1}}
	for len(level) > 0 {
		var err error
		if level, err = w.below(t.Context(), level); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// TestBrowseSeesAllBranches has a server with few places to go on from, small answers, and small requests.
func TestBrowseSeesAllBranches(t *testing.T) {
	for name, change := range map[string]func(*tree){
		"plenty":             func(*tree) {},
		"20 references":      func(s *tree) { s.most = 20 },
		"2 places to go on":  func(s *tree) { s.most, s.points = 20, 2 },
		"1 place to go on":   func(s *tree) { s.most, s.points = 7, 1 },
		"1 node a request":   func(s *tree) { s.nodes, s.most = 1, 20 },
		"30 nodes a request": func(s *tree) { s.nodes, s.most, s.points = 30, 20, 1 },
	} {
		t.Run(name, func(t *testing.T) {
			s := folders(60, 30)
			change(s)
			w := walkAll(t, s)
			if len(w.found) != 60+60*30 || len(w.unseen) != 0 {
				t.Errorf("%d of %d nodes, unseen %v", len(w.found), 60+60*30, w.unseen)
			}
		})
	}
}

// TestBrowseNamesWhatItDoesNotSee has one folder that is denied, and a server that never goes on.
func TestBrowseNamesWhatItDoesNotSee(t *testing.T) {
	s := folders(5, 3)
	s.denied[typ(1002)] = wire.BadUserAccessDenied
	s.children[typ(1002)] = nil
	w := walkAll(t, s)
	if len(w.found) != 5+4*3 || len(w.unseen) != 1 || w.unseen[0].Status != wire.BadUserAccessDenied || !slices.Equal(w.unseen[0].Path, []string{"n1002"}) {
		t.Errorf("%d nodes, unseen %v", len(w.found), w.unseen)
	}
	s = folders(3, 30)
	s.most, s.points = 20, 0
	if w = walkAll(t, s); len(w.found) != 3 || len(w.unseen) != 3 || w.unseen[0].Status != wire.BadNoContinuationPoints {
		t.Errorf("%d nodes, unseen %v", len(w.found), w.unseen)
	}
}

// TestBrowseEndsAtAnEndlessServer has a server that always has more of the same.
func TestBrowseEndsAtAnEndlessServer(t *testing.T) {
	s := folders(1, 1)
	w := &walker{l: &Link{limits: operationLimits{browse: 1000}}, seen: map[wire.NodeID]bool{}, refs: browseRefs}
	w.call = func(context.Context, wire.Request) (*wire.Reader, error) {
		out := wire.AppendBytes(le.AppendUint32(le.AppendUint32(nil, 1), 0), []byte("more"))
		return wire.NewReader(le.AppendUint32(out, 0)), nil
	}
	if _, err := w.below(t.Context(), []branch{{node: s.children[wire.ObjectsFolder][0], parent: -1}}); err == nil {
		t.Error("it goes on without an end")
	}
}

// TestPropertiesOfObjectsAreValues shows the serial number of a nameplate, and no unit of a variable.
func TestPropertiesOfObjectsAreValues(t *testing.T) {
	w := &walker{l: &Link{}, seen: map[wire.NodeID]bool{}, found: []Found{{}, {Variable: true}}}
	reference := wire.Reference{Node: typ(1), Local: true, Class: wire.ClassVariable, TypeDef: propertyType, Name: wire.QualifiedName{Name: "SerialNumber"}}
	w.follow(reference, 0)
	reference.Node, reference.Name.Name = typ(2), "EngineeringUnits"
	w.follow(reference, 1)
	if len(w.found) != 3 || !w.found[2].Variable || len(w.units) != 1 || len(w.next) != 0 {
		t.Errorf("found %v, properties %v", w.found, w.units)
	}
}
