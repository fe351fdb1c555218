package opcua

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"tagbridge/drivers"
	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping/node"
)

// LevelOptions say of which node of a server's tree the children are wanted.
type LevelOptions struct {
	Root  *node.Address // nil is Objects
	Path  []string      // names from where the tree begins down to Root, for the paths of what is found
	First int           // so many children are passed over
	Most  int           // children at most
}

// Level finds the children of one node over a link that has other things to do: a turn at a time. Whatever the server says,
// it comes to an end, and keeps no more than was asked for.
type Level struct {
	o     LevelOptions
	w     walker
	epoch *era
	step  levelStep // nil: none was made
	root  wire.NodeID
	value bool // the root is a variable: its properties describe it
	point []byte
	count int // children so far, those that are passed over among them
	idle  int // answers in a row that brought none
	more  bool
	part  []int // of what was found: the variables that are looked at
	rest  []int // and those after them
}

// levelStep is one turn; next is the one after it, nil when there is none.
type levelStep func(ctx context.Context) (next levelStep, err error)

// How much is looked at in a turn, and what is kept of a name.
const (
	levelNodes    = 50
	levelTime     = 100 * time.Millisecond // after which a turn begins nothing more
	maxLevelName  = 512                    // bytes
	maxLevelIdle  = 100
	levelUnharmed = "the connection was lost meanwhile: ask again"
)

// NewLevel asks nothing yet.
func NewLevel(o LevelOptions) *Level { return &Level{o: o} }

// Found are the children, as Browse finds them.
func (v *Level) Found() []Found { return v.w.found }

// More reports that the node has more children than were wanted.
func (v *Level) More() bool { return v.more }

// Root is the node id of the node that was looked at.
func (v *Level) Root() string { return v.root.WithURI(v.w.l.spaces) }

// Turn makes the next exchanges over link, as drivers.Lane.Ask has it.
func (v *Level) Turn(ctx context.Context, link drivers.Link) (more bool, err error) {
	l, ok := link.(*Link)
	if !ok {
		return false, drivers.Unharmed(errors.New("this connection is none to an OPC UA server"))
	}
	if l.s == nil {
		return false, drivers.ErrClosed
	}
	defer l.guard(&err)
	if v.step == nil {
		call := func(ctx context.Context, q wire.Request) (*wire.Reader, error) { return l.s.Call(ctx, q) }
		v.w = walker{l: l, call: call, seen: map[wire.NodeID]bool{serverObject: true}, refs: browseRefs}
		v.epoch, v.step = l.epoch, v.begin
	}
	if v.epoch != l.epoch {
		return false, drivers.Unharmed(errors.New(levelUnharmed))
	}
	if v.step, err = v.step(ctx); err == nil {
		l.silent = 0
		return v.step != nil, nil
	}
	if status, ok := errors.AsType[wire.Status](err); ok && !status.SessionLost() {
		return false, drivers.Unharmed(err)
	}
	return false, l.judge(ctx, err)
}

// begin finds the root, and what it is.
func (v *Level) begin(ctx context.Context) (levelStep, error) {
	var err error
	if v.root, err = v.w.l.start(ctx, v.o.Root); err != nil {
		return nil, unharmedUnlessLost(err)
	}
	v.w.seen[v.root] = true
	var class wire.DataValue
	at := func(int) (wire.NodeID, wire.Attribute) { return v.root, wire.AttributeNodeClass }
	err = v.w.l.readAll(ctx, 1, at, func(_ int, d *wire.DataValue) { class = *d })
	if err != nil {
		return nil, err
	}
	switch class.Status.Base() {
	case wire.BadNodeIDUnknown, wire.BadNodeIDInvalid:
		return nil, drivers.Unharmed(fmt.Errorf("the server has no node %s: %w", v.Root(), class.Status))
	}
	n, ok := integer(class.Value)
	v.value = ok && n == wire.ClassVariable
	return v.browse, nil
}

// unharmedUnlessLost is err of a request that may have been refused: then the link is as it was.
func unharmedUnlessLost(err error) error {
	if status, ok := errors.AsType[wire.Status](err); ok && status.SessionLost() || silence(err) {
		return err
	}
	return drivers.Unharmed(err)
}

// browse asks for the children.
func (v *Level) browse(ctx context.Context) (levelStep, error) {
	q := wire.Browse{Nodes: []wire.NodeID{v.root}, Reference: wire.Hierarchical, Classes: wire.ClassObject | wire.ClassVariable, Max: v.w.refs}
	r, err := v.w.call(ctx, q)
	if err != nil {
		return v.smaller(err)
	}
	return v.take(r)
}

// smaller asks for the children again, fewer at once, when the answer would be too large.
func (v *Level) smaller(err error) (levelStep, error) {
	status, ok := errors.AsType[wire.Status](err)
	if !ok || !status.TooLarge() || v.w.refs <= 1 {
		return nil, fmt.Errorf("browse: %w", err)
	}
	v.w.refs /= 2
	return v.again(), nil
}

// again begins anew: what was found is found again.
func (v *Level) again() levelStep {
	v.w.found, v.count, v.point = nil, 0, nil
	clear(v.w.seen)
	v.w.seen[serverObject], v.w.seen[v.root] = true, true
	return v.browse
}

// take takes an answer of the server.
func (v *Level) take(r *wire.Reader) (levelStep, error) {
	results := r.Branches()
	if r.Err() != nil || len(results) != 1 {
		return nil, drivers.Unharmed(fmt.Errorf("browse: %d answers for one node (%v)", len(results), r.Err()))
	}
	got := &results[0]
	before := v.count
	for i := range got.References {
		v.follow(&got.References[i])
	}
	if v.idle++; v.count > before {
		v.idle = 0
	}
	switch status := got.Status.Base(); {
	case (status == wire.BadNoContinuationPoints || status == wire.BadContinuationPointInvalid) && v.w.refs > 0:
		v.w.refs = 0 // all of them at once
		return v.again(), nil
	case got.Status.IsBad():
		return nil, drivers.Unharmed(fmt.Errorf("browse: %w", got.Status))
	case got.Point == nil:
		return v.look(), nil
	case v.idle > maxLevelIdle:
		return nil, drivers.Unharmed(errors.New("browse further: the server goes on without an end and brings nothing new"))
	}
	v.point = append([]byte(nil), got.Point...)
	if v.more {
		return v.release, nil
	}
	return v.further, nil
}

// further asks for more of the children.
func (v *Level) further(ctx context.Context) (levelStep, error) {
	r, err := v.w.call(ctx, wire.BrowseNext{Points: [][]byte{v.point}})
	if err != nil {
		return v.smaller(err)
	}
	return v.take(r)
}

// release tells the server that what more it has is not wanted.
func (v *Level) release(ctx context.Context) (levelStep, error) {
	_, err := v.w.call(ctx, wire.BrowseNext{Points: [][]byte{v.point}, Release: true})
	if err := passing(err); err != nil {
		return nil, err
	}
	return v.look(), nil
}

// follow takes what ref leads to, once.
func (v *Level) follow(ref *wire.Reference) {
	if v.more || !ref.Local || v.w.seen[ref.Node] || v.value && ref.TypeDef == propertyType {
		return
	}
	if v.more = v.count >= v.o.First+v.o.Most; v.more {
		return
	}
	v.w.seen[ref.Node] = true
	if v.count++; v.count <= v.o.First {
		return
	}
	if len(ref.Name.Name) > maxLevelName {
		ref.Name.Name = strings.ToValidUTF8(ref.Name.Name[:maxLevelName], "") + "…"
	}
	v.w.add(*ref, -1)
	f := &v.w.found[len(v.w.found)-1]
	f.Path = append(v.o.Path[:len(v.o.Path):len(v.o.Path)], f.Path...)
}

// look is the step that looks at the variables.
func (v *Level) look() levelStep {
	for i := range v.w.found {
		if v.w.found[i].Variable {
			v.rest = append(v.rest, i)
		}
	}
	return v.next()
}

// next is the step that looks at the next few of them.
func (v *Level) next() levelStep {
	n := min(levelNodes, len(v.rest))
	if v.part, v.rest = v.rest[:n], v.rest[n:]; n == 0 {
		return nil
	}
	return func(ctx context.Context) (levelStep, error) { return v.types, v.w.attributes(ctx, v.part) }
}

// types finds out what the data types of some variables are made of.
func (v *Level) types(ctx context.Context) (levelStep, error) {
	until := v.w.l.o.Now().Add(levelTime)
	inTime := func() bool { return v.w.l.o.Now().Before(until) }
	v.w.want(v.part)
	c := v.w.l.types
	if err := c.lookUp(ctx, v.w.l, v.w.l.o.Now(), inTime); err != nil {
		return nil, fmt.Errorf("look up data types: %w", err)
	}
	if len(c.met)+len(c.fresh)+len(c.orphans) > 0 && !c.failed {
		return v.types, nil
	}
	return v.describe(v.part), nil
}

// describe is the step that says of variables what they are made of.
func (v *Level) describe(left []int) levelStep {
	return func(ctx context.Context) (levelStep, error) {
		until := v.w.l.o.Now().Add(levelTime)
		for n, i := range left {
			if n > 0 && !v.w.l.o.Now().Before(until) {
				return v.describe(left[n:]), nil
			}
			if err := v.w.describe(ctx, i); err != nil {
				return nil, err
			}
		}
		return v.properties, nil
	}
}

// properties asks for the units of variables, and what else they have as properties.
func (v *Level) properties(ctx context.Context) (levelStep, error) {
	v.w.units = nil
	q := wire.Browse{Reference: wire.HasProperty, Classes: wire.ClassVariable, Max: browseNodes}
	n := min(len(v.part), max(1, v.w.l.limits.browse))
	for _, i := range v.part[:n] {
		q.Nodes = append(q.Nodes, v.w.found[i].id)
	}
	r, err := v.w.call(ctx, q)
	if err := passing(err); err != nil {
		return nil, fmt.Errorf("browse properties: %w", err)
	}
	if err == nil {
		v.propertiesOf(r, v.part[:n])
		if err := v.w.properties(ctx); err != nil {
			return nil, err
		}
	}
	if v.part = v.part[n:]; len(v.part) > 0 {
		return v.properties, nil
	}
	return v.next(), nil
}

// propertiesOf notes the properties of variables. A server that says nonsense has none.
func (v *Level) propertiesOf(r *wire.Reader, of []int) {
	results := r.Branches()
	if r.Err() != nil || len(results) != len(of) {
		return
	}
	for k, i := range of {
		for n, ref := range results[k].References {
			if ref.Local && n < browseNodes {
				v.w.units = append(v.w.units, property{branch{ref.Node, i}, ref.Name.Name})
			}
		}
	}
}
