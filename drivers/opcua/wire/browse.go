package wire

// Node classes (Part 3, 5.2.3).
const (
	ClassObject   = 1
	ClassVariable = 2
)

// Reference types and properties of the standard's namespace.
var (
	Hierarchical  = Numeric(33)
	HasProperty   = Numeric(46)
	HasEncoding   = Numeric(38)
	HasSubtype    = Numeric(45)
	ObjectsFolder = Numeric(85)
	RootFolder    = Numeric(84)
)

// Browse follows references of several nodes at once (Part 4, 5.8.2).
type Browse struct {
	Nodes     []NodeID
	Reference NodeID // and its subtypes
	Classes   uint32 // 0: all
	Inverse   bool
	Max       uint32 // references a node; 0: as many as there are
}

// ID implements Request.
func (Browse) ID() uint32 { return 527 }

// Append implements Request.
func (q Browse) Append(dst []byte) []byte {
	dst = AppendNodeID(dst, NodeID{}) // no view
	dst = le.AppendUint64(dst, 0)
	dst = le.AppendUint32(dst, 0)
	dst = le.AppendUint32(dst, q.Max)
	dst = le.AppendUint32(dst, uint32(len(q.Nodes)))
	for _, n := range q.Nodes {
		dst = AppendNodeID(dst, n)
		direction := uint32(0)
		if q.Inverse {
			direction = 1
		}
		dst = le.AppendUint32(dst, direction)
		dst = AppendNodeID(dst, q.Reference)
		dst = append(dst, 1) // subtypes
		dst = le.AppendUint32(dst, q.Classes)
		dst = le.AppendUint32(dst, 0x3F) // everything
	}
	return dst
}

// BrowseNext goes on where Browse stopped; with Release the server forgets about it instead.
type BrowseNext struct {
	Points  [][]byte
	Release bool
}

// ID implements Request.
func (BrowseNext) ID() uint32 { return 533 }

// Append implements Request.
func (q BrowseNext) Append(dst []byte) []byte {
	dst = appendBool(dst, q.Release)
	dst = le.AppendUint32(dst, uint32(len(q.Points)))
	for _, p := range q.Points {
		dst = AppendBytes(dst, p)
	}
	return dst
}

// Reference is one reference of a node.
type Reference struct {
	Type    NodeID
	Node    NodeID
	Local   bool // Node is one of this server
	Name    QualifiedName
	Display string
	Class   uint32
	TypeDef NodeID
}

// Branches is what Browse found at one node.
type Branches struct {
	Status     Status
	Point      []byte // nil: that is all
	References []Reference
}

// Branches reads an array of BrowseResult.
func (r *Reader) Branches() []Branches {
	all, n := list[Branches](r, 12)
	for range n {
		b := Branches{Status: r.Status()}
		if p := r.Bytes(); len(p) > 0 {
			b.Point = append([]byte(nil), p...)
		}
		var references int
		b.References, references = list[Reference](r, 16)
		for range references {
			var f Reference
			f.Type = r.NodeID()
			r.Uint8()
			f.Node, f.Local = r.ExpandedNodeID()
			f.Name = r.QualifiedName()
			f.Display = r.LocalizedText()
			f.Class = r.Uint32()
			f.TypeDef, _ = r.ExpandedNodeID()
			b.References = append(b.References, f)
		}
		all = append(all, b)
	}
	return all
}

// Path is names of nodes, each below the one before.
type Path struct {
	Start NodeID
	Names []QualifiedName
}

// TranslatePaths finds nodes by their browse paths (Part 4, 5.8.4).
type TranslatePaths struct{ Paths []Path }

// ID implements Request.
func (TranslatePaths) ID() uint32 { return 554 }

// Append implements Request.
func (q TranslatePaths) Append(dst []byte) []byte {
	dst = le.AppendUint32(dst, uint32(len(q.Paths)))
	for _, p := range q.Paths {
		dst = AppendNodeID(dst, p.Start)
		dst = le.AppendUint32(dst, uint32(len(p.Names)))
		for _, name := range p.Names {
			dst = AppendNodeID(dst, Hierarchical)
			dst = append(dst, 0, 1) // forward, subtypes
			dst = AppendName(dst, name)
		}
	}
	return dst
}

// Target is where a path leads.
type Target struct {
	Status Status
	Node   NodeID
}

// Targets reads an array of BrowsePathResult, of each its first target.
func (r *Reader) Targets() []Target {
	all, n := list[Target](r, 8)
	for range n {
		t := Target{Status: r.Status()}
		found := false
		for range r.Count(6) {
			node, local := r.ExpandedNodeID()
			rest := r.Uint32()
			if !found && local && rest == 0xFFFFFFFF {
				t.Node, found = node, true
			}
		}
		if !found && !t.Status.IsBad() {
			t.Status = BadNoMatch
		}
		all = append(all, t)
	}
	return all
}
