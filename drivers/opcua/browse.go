package opcua

import (
	"context"
	"fmt"
	"path"
	"strings"

	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping/node"
)

// BrowseOptions say what of a server's tree is wanted.
type BrowseOptions struct {
	Root     *node.Address   // to begin at; nil is Objects
	Match    string          // pattern of the last levels of a variable's path, such as Line*/Motor*/Speed; "": all
	Depth    int             // levels below the root; 0 is 32
	Progress func(nodes int) // called as nodes are found; nil: not
}

// Found is one object or variable of a server.
type Found struct {
	Path        []string // names from the root on
	Address     string   // nsu=URI;s=…, as tag maps have it
	Variable    bool
	Type        string // of a variable: the built-in type, or that of its elements
	Array       int    // elements of an array; -1: none
	Unit        string
	Enum        []wire.EnumText
	Members     []Member // of a structure
	Undescribed string   // why the members of a structure are not known
	Value       string   // as text
	Status      wire.Status
	Remark      string // the description
	id          wire.NodeID
	parent      int
	typ         wire.NodeID // data type
	encoding    wire.NodeID // of a structure
}

// Member is a scalar inside a structure.
type Member struct {
	Element node.Element // .Speed; after an array is [*]
	Type    string
	Enum    []wire.EnumText
	kind    wire.NodeID // of an enumeration: its data type
}

// What a browse asks for at once, and never follows.
const (
	browseNodes = 100
	browseRefs  = 1000
	maxFound    = 1_000_000
	maxDepth    = 32
)

var (
	serverObject = wire.Numeric(2253)
	propertyType = wire.Numeric(68)
)

// Unseen is a node whose children the server did not tell.
type Unseen struct {
	Path   []string
	Status wire.Status
}

// Browse walks the tree of the server that an open link is connected to, level by level. The nodes come in the order
// of the tree, each once, the root not among them. What the server does not tell is in unseen.
func (l *Link) Browse(ctx context.Context, o BrowseOptions) (found []Found, unseen []Unseen, err error) {
	defer l.guard(&err)
	w := walker{l: l, call: l.s.Call, o: o, seen: map[wire.NodeID]bool{serverObject: true}, refs: browseRefs}
	if w.o.Depth <= 0 {
		w.o.Depth = maxDepth
	}
	root, err := l.start(ctx, o.Root)
	if err != nil {
		return nil, nil, err
	}
	w.seen[root] = true
	level := []branch{{node: root, parent: -1}}
	for depth := 0; depth < w.o.Depth && len(level) > 0; depth++ {
		if level, err = w.below(ctx, level); err != nil {
			return nil, nil, err
		}
	}
	if err := w.details(ctx); err != nil {
		return nil, nil, err
	}
	return w.inOrder(), w.unseen, nil
}

// start is the node to begin at.
func (l *Link) start(ctx context.Context, root *node.Address) (wire.NodeID, error) {
	if root == nil {
		return wire.ObjectsFolder, nil
	}
	if !root.IsPath() {
		return root.Resolve(l.spaces)
	}
	r, err := l.s.Call(ctx, wire.TranslatePaths{Paths: []wire.Path{{Start: wire.RootFolder, Names: root.Path}}})
	if err != nil {
		return wire.NodeID{}, fmt.Errorf("browse path %s: %w", root, err)
	}
	targets := r.Targets()
	if r.Err() != nil || len(targets) != 1 || targets[0].Status.IsBad() {
		return wire.NodeID{}, fmt.Errorf("browse path %s: the server has no such node", root)
	}
	return targets[0].Node, nil
}

func (w *walker) add(ref wire.Reference, parent int) {
	f := Found{
		Address: ref.Node.WithURI(w.l.spaces), Variable: ref.Class == wire.ClassVariable,
		Array: -1, id: ref.Node, parent: parent,
	}
	if parent >= 0 {
		f.Path = append(f.Path, w.found[parent].Path...)
	}
	f.Path = append(f.Path, ref.Name.Name)
	w.found = append(w.found, f)
}

// matches compares the last levels of names with pattern, level by level.
func matches(pattern string, names []string) bool {
	if pattern == "" {
		return true
	}
	levels := strings.Split(strings.Trim(pattern, "/"), "/")
	if len(levels) > len(names) {
		return false
	}
	names = names[len(names)-len(levels):]
	for i, level := range levels {
		name := strings.ReplaceAll(names[i], "/", "_") // * of a pattern stays in its level
		if ok, err := path.Match(level, name); err != nil || !ok {
			return false
		}
	}
	return true
}

// inOrder is what was found as a tree: each node before those below it.
func (w *walker) inOrder() []Found {
	children := make(map[int][]int, len(w.found))
	for i := range w.found {
		children[w.found[i].parent] = append(children[w.found[i].parent], i)
	}
	keep := make([]bool, len(w.found))
	for i := range w.found {
		if w.found[i].Variable && matches(w.o.Match, w.found[i].Path) {
			for at := i; at >= 0 && !keep[at]; at = w.found[at].parent {
				keep[at] = true
			}
		}
	}
	list := make([]Found, 0, len(w.found))
	var walk func(at int)
	walk = func(at int) {
		for _, i := range children[at] {
			if keep[i] || w.o.Match == "" {
				list = append(list, w.found[i])
			}
			walk(i)
		}
	}
	walk(-1)
	return list
}

// related implements teller: it yields for each of nodes the one that refers to it.
func (l *Link) related(ctx context.Context, nodes []wire.NodeID, reference wire.NodeID, yield func(i int, status wire.Status, to wire.NodeID)) error {
	name := func(k int) string { return nodes[k].String() + " " + reference.String() }
	return l.inquire(ctx, &inquiry{
		what: "browse", most: &l.limits.browse, of: subjects{service: browseService, n: len(nodes), name: name},
		request: func(things []int) (wire.Request, int) {
			q := wire.Browse{Reference: reference, Inverse: true}
			for _, k := range things[:min(len(things), browseNodes)] {
				q.Nodes = append(q.Nodes, nodes[k])
			}
			return q, len(q.Nodes)
		},
		take: func(things []int, r *wire.Reader) error {
			results := r.Branches()
			if r.Err() != nil || len(results) != len(things) {
				return errCount
			}
			for i, k := range things {
				yield(k, results[i].Status, oneOf(results[i].References))
			}
			return nil
		},
		refuse: func(k int, status wire.Status) { yield(k, status, wire.NodeID{}) },
	})
}

// browseService is what nodes whose references are asked for are subjects of.
const browseService = 527

// oneOf is the first of refs that is of this server; null when there is none.
func oneOf(refs []wire.Reference) wire.NodeID {
	for _, ref := range refs {
		if ref.Local {
			return ref.Node
		}
	}
	return wire.NodeID{}
}

// textsOf asks for the texts of an enumerated type, once a session; null is none.
func (l *Link) textsOf(ctx context.Context, typ wire.NodeID, texts *[]wire.EnumText) (err error) {
	if typ.IsNull() {
		return nil
	}
	t := l.types.want(typ)
	if t.enum == nil {
		if t.enum, err = l.enumeration(ctx, typ); t.enum == nil {
			t.enum = []wire.EnumText{}
		}
	}
	*texts = t.enum
	return err
}

// enumeration is the texts of an enumerated type: by its definition, or by its property of older servers.
func (l *Link) enumeration(ctx context.Context, typ wire.NodeID) ([]wire.EnumText, error) {
	var q wire.Read
	q.Times = wire.TimesNone
	q.Add(typ, wire.AttributeDefinition)
	values, err := l.read(ctx, &q)
	if err != nil {
		return nil, passing(err)
	}
	if v := values[0].Value; v.Type == wire.TypeExtension && !v.Array {
		if e := wire.NewReader(v.Raw).Extension(); e.Type == wire.EnumDefinition {
			return wire.NewReader(e.Body).EnumTexts(), nil
		}
	}
	r, err := l.s.Call(ctx, wire.Browse{Nodes: []wire.NodeID{typ}, Reference: wire.HasProperty, Classes: wire.ClassVariable})
	if err != nil {
		return nil, passing(err)
	}
	var nodes []wire.NodeID
	for _, b := range r.Branches() {
		for _, ref := range b.References {
			if ref.Local && (ref.Name.Name == "EnumStrings" || ref.Name.Name == "EnumValues") {
				nodes = append(nodes, ref.Node)
			}
		}
	}
	at := func(k int) (wire.NodeID, wire.Attribute) { return nodes[k], wire.AttributeValue }
	var texts []wire.EnumText
	err = l.readAll(ctx, len(nodes), at, func(_ int, v *wire.DataValue) {
		if texts == nil && !v.Status.IsBad() {
			texts = enumTexts(v.Value)
		}
	})
	return texts, err
}
