package opcua

import (
	"context"
	"errors"
	"fmt"

	"tagbridge/drivers/opcua/wire"
)

// walker collects what is found.
type walker struct {
	l      *Link
	call   func(context.Context, wire.Request) (*wire.Reader, error)
	o      BrowseOptions
	seen   map[wire.NodeID]bool
	found  []Found
	unseen []Unseen
	units  []property // engineering units and the like, to be read
	refs   uint32     // references of a node in one answer
	next   []branch   // the level after the present one
}

// branch is a node whose references are to be followed; parent is its place in found, -1 of the root.
type branch struct {
	node   wire.NodeID
	parent int
}

// property is a node that says something about its parent.
type property struct {
	branch
	name string
}

// unfinished is a branch of which the server holds more.
type unfinished struct {
	branch
	point []byte
}

// below finds the children of a level.
func (w *walker) below(ctx context.Context, level []branch) (next []branch, err error) {
	w.next = nil
	for len(level) > 0 {
		n := min(browseNodes, w.l.limits.browse, len(level))
		if err := w.visit(ctx, level[:n]); err != nil {
			return nil, err
		}
		level = level[n:]
		if w.o.Progress != nil {
			w.o.Progress(len(w.found))
		}
	}
	return w.next, nil
}

// visit finds the children of some nodes. Those of which the server tells only a part, because it has no more places to
// go on from, are asked for again, each alone; of the others that it does not tell why is noted.
func (w *walker) visit(ctx context.Context, part []branch) error {
	q := wire.Browse{Reference: wire.Hierarchical, Classes: wire.ClassObject | wire.ClassVariable, Max: w.refs}
	for _, b := range part {
		q.Nodes = append(q.Nodes, b.node)
	}
	r, err := w.call(ctx, q)
	var open []unfinished
	var again []branch
	if err == nil {
		open, again, err = w.take(r, part)
	}
	if err != nil {
		return w.refused(ctx, part, err)
	}
	for rounds := 0; len(open) > 0; rounds++ {
		var rest []branch
		before := len(w.found) + len(w.units)
		if open, rest, err = w.more(ctx, open); err != nil {
			return err
		}
		if again = append(again, rest...); before == len(w.found)+len(w.units) && rounds > maxIdle {
			return errors.New("browse further: the server goes on without an end and brings nothing new")
		}
	}
	for _, b := range again {
		if len(part) == 1 {
			if err := w.alone(ctx, b); err != nil {
				return err
			}
		} else if err := w.visit(ctx, []branch{b}); err != nil {
			return err
		}
	}
	return w.tooMany()
}

// maxIdle is how often a server may go on without telling anything new.
const maxIdle = 1000

func (w *walker) tooMany() error {
	if len(w.seen) > maxFound {
		return fmt.Errorf("more than %d nodes: name a --root", maxFound)
	}
	return nil
}

// refused asks for the nodes of a request that failed in smaller ones, down to the one; one whose answer is too large is
// asked for in smaller pieces.
func (w *walker) refused(ctx context.Context, part []branch, err error) error {
	status, ok := errors.AsType[wire.Status](err)
	switch {
	case !ok || status.SessionLost():
		return fmt.Errorf("browse: %w", err)
	case len(part) > 1:
		if status.TooLarge() {
			w.l.limits.browse = min(w.l.limits.browse, len(part)/2)
		}
		if err := w.visit(ctx, part[:len(part)/2]); err != nil {
			return err
		}
		return w.visit(ctx, part[len(part)/2:])
	case status.TooLarge() && w.refs > 1:
		w.refs /= 2
		return w.visit(ctx, part)
	}
	w.miss(part[0], status)
	return nil
}

// alone asks once more for all references of a node at once, of which the server has no place to go on from.
func (w *walker) alone(ctx context.Context, b branch) error {
	q := wire.Browse{Nodes: []wire.NodeID{b.node}, Reference: wire.Hierarchical, Classes: wire.ClassObject | wire.ClassVariable}
	r, err := w.call(ctx, q)
	if err != nil {
		if status, ok := errors.AsType[wire.Status](err); ok && !status.SessionLost() {
			w.miss(b, status)
			return nil
		}
		return fmt.Errorf("browse: %w", err)
	}
	open, again, err := w.take(r, []branch{b})
	if len(open)+len(again) > 0 {
		w.miss(b, wire.BadNoContinuationPoints)
	}
	return err
}

// miss notes that the children of b could not be seen, or not all of them.
func (w *walker) miss(b branch, status wire.Status) {
	u := Unseen{Status: status}
	if b.parent >= 0 {
		u.Path = w.found[b.parent].Path
	}
	w.unseen = append(w.unseen, u)
}

// more goes on where the server has stopped. What it has lost of that is begun again.
func (w *walker) more(ctx context.Context, open []unfinished) ([]unfinished, []branch, error) {
	n := min(len(open), w.l.limits.browse)
	var q wire.BrowseNext
	var part []branch
	for _, u := range open[:n] {
		q.Points = append(q.Points, u.point)
		part = append(part, u.branch)
	}
	rest := open[n:]
	r, err := w.call(ctx, q)
	if status, ok := errors.AsType[wire.Status](err); ok && !status.SessionLost() {
		if status.TooLarge() && n > 1 {
			w.l.limits.browse = n / 2
		} else if status.TooLarge() && w.refs > 1 {
			w.refs /= 2
		}
		return rest, part, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("browse further: %w", err)
	}
	further, again, err := w.take(r, part)
	return append(further, rest...), again, err
}

// take adds what the server found below the nodes of part. It returns those of which there is more, and those that are
// to be asked for again, alone.
func (w *walker) take(r *wire.Reader, part []branch) (open []unfinished, again []branch, err error) {
	results := r.Branches()
	if r.Err() != nil || len(results) != len(part) {
		return nil, nil, fmt.Errorf("browse: %d answers for %d nodes (%v)", len(results), len(part), r.Err())
	}
	for k, got := range results {
		switch {
		case got.Status.Base() == wire.BadNoContinuationPoints, got.Status.Base() == wire.BadContinuationPointInvalid:
			again = append(again, part[k])
		case got.Status.IsBad():
			w.miss(part[k], got.Status)
		case got.Point != nil:
			open = append(open, unfinished{part[k], got.Point})
		}
		for _, ref := range got.References {
			w.follow(ref, part[k].parent)
		}
	}
	return open, again, nil
}

// follow adds what ref leads to, once. Properties say something about a variable; those of an object, such as its
// serial number, are values of their own.
func (w *walker) follow(ref wire.Reference, parent int) {
	if !ref.Local || w.seen[ref.Node] {
		return
	}
	w.seen[ref.Node] = true
	isProperty := ref.TypeDef == propertyType
	if isProperty && (parent < 0 || w.found[parent].Variable) {
		w.units = append(w.units, property{branch{ref.Node, parent}, ref.Name.Name})
		return
	}
	w.add(ref, parent)
	if !isProperty {
		w.next = append(w.next, branch{ref.Node, len(w.found) - 1})
	}
}
