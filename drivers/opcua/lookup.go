package opcua

import (
	"context"
	"time"

	"tagbridge/drivers/opcua/wire"
)

// teller is what a catalog asks. What is bad for itself is yielded with its status.
type teller interface {
	definitions(ctx context.Context, types []wire.NodeID, yield func(i int, v *wire.DataValue)) error
	related(ctx context.Context, nodes []wire.NodeID, reference wire.NodeID, yield func(i int, status wire.Status, to wire.NodeID)) error
}

// maxTypePause is how long a type that the server fails to describe waits at most until it is asked again.
const maxTypePause = 10 * time.Minute

// lookUp asks for what is not known, until there is nothing more, or more says that the time is over.
func (c *catalog) lookUp(ctx context.Context, from teller, now time.Time, more func() bool) error {
	if c.failed && !now.Before(c.retryAt) {
		c.again()
	}
	defer c.settle()
	for first := true; len(c.met)+len(c.fresh)+len(c.orphans) > 0 && (first || more()); first = false {
		for _, step := range []func(context.Context, teller) error{c.askEncodings, c.askDefinitions, c.askAbove} {
			if err := step(ctx, from); err != nil {
				c.postpone(now)
				return err
			}
		}
		c.postpone(now)
	}
	return nil
}

// postpone has what failed wait.
func (c *catalog) postpone(now time.Time) {
	if c.failed && !now.Before(c.retryAt) {
		c.retryAt = now.Add(c.pause)
		c.pause = min(2*c.pause, maxTypePause)
	}
}

// again has everything asked for that failed.
func (c *catalog) again() {
	c.failed, c.met, c.fresh, c.orphans = false, nil, nil, nil
	for encoding, t := range c.encodings {
		if t == nil {
			c.met = append(c.met, encoding)
		}
	}
	for _, t := range c.types {
		switch t.state {
		case typeFresh:
			c.fresh = append(c.fresh, t)
		case typeOrphan:
			c.orphans = append(c.orphans, t)
		}
	}
}

// asked takes what was asked for off its queue; an error halves what is asked for at once, down to the one that fails.
func asked[T any](c *catalog, queue []T, n int, err error) ([]T, error) {
	if err == nil {
		return queue[n:], nil
	}
	if n > 1 {
		c.most = n / 2
		return queue, passing(err)
	}
	c.failed = true
	return queue[n:], passing(err)
}

// askEncodings asks for the types that encodings are of.
func (c *catalog) askEncodings(ctx context.Context, from teller) (err error) {
	batch := c.met[:min(len(c.met), c.most)]
	if len(batch) == 0 {
		return nil
	}
	err = from.related(ctx, batch, wire.HasEncoding, func(i int, status wire.Status, to wire.NodeID) {
		switch encoding := batch[i]; {
		case status.IsBad() && !final(status):
			c.failed = true
		case to.IsNull():
			c.encodings[encoding] = &dataType{id: encoding, state: typeTold, why: undescribed(encoding)}
		default:
			c.encodings[encoding] = c.want(to)
		}
	})
	c.met, err = asked(c, c.met, len(batch), err)
	return err
}

// askDefinitions asks for what types are made of.
func (c *catalog) askDefinitions(ctx context.Context, from teller) error {
	batch := c.fresh[:min(len(c.fresh), c.most)]
	if len(batch) == 0 {
		return nil
	}
	ids := make([]wire.NodeID, len(batch))
	for i, t := range batch {
		ids[i] = t.id
	}
	err := from.definitions(ctx, ids, func(i int, v *wire.DataValue) {
		switch t := batch[i]; {
		case t.state != typeFresh: // told before the answer broke off
		case v.Status.IsBad() && !final(v.Status):
			c.failed = true
		default:
			if def := definitionOf(v); def != nil {
				c.define(t, def)
				return
			}
			t.enum = enumOf(v)
			t.state = typeOrphan
			c.orphans = append(c.orphans, t)
		}
	})
	c.fresh, err = asked(c, c.fresh, len(batch), err)
	return err
}

// enumOf is the texts of an enumeration in v; nil when there are none.
func enumOf(v *wire.DataValue) []wire.EnumText {
	if v.Status.IsBad() || v.Value.Type != wire.TypeExtension || v.Value.Array {
		return nil
	}
	e := wire.NewReader(v.Value.Raw).Extension()
	if e.Type != wire.EnumDefinition {
		return nil
	}
	return wire.NewReader(e.Body).EnumTexts()
}

// definitionOf is the definition of a structure in v; nil when there is none.
func definitionOf(v *wire.DataValue) *wire.Definition {
	if v.Status.IsBad() || v.Value.Type != wire.TypeExtension || v.Value.Array {
		return nil
	}
	e := wire.NewReader(v.Value.Raw).Extension()
	if e.Type != wire.StructureDefinition {
		return nil
	}
	r := wire.NewReader(e.Body)
	d := r.Definition()
	if r.Err() != nil {
		return nil
	}
	return &d
}

// askAbove asks for the supertypes of types without a definition.
func (c *catalog) askAbove(ctx context.Context, from teller) error {
	batch := c.orphans[:min(len(c.orphans), c.most)]
	if len(batch) == 0 {
		return nil
	}
	ids := make([]wire.NodeID, len(batch))
	for i, t := range batch {
		ids[i] = t.id
	}
	err := from.related(ctx, ids, wire.HasSubtype, func(i int, status wire.Status, to wire.NodeID) {
		if status.IsBad() && !final(status) {
			c.failed = true
			return
		}
		batch[i].state, batch[i].above = typeTold, to
		if !to.IsNull() && builtin(to) == wire.TypeNull {
			c.want(to)
		}
	})
	c.orphans, err = asked(c, c.orphans, len(batch), err)
	return err
}

// final reports a status that will be the same when it is asked for again: there is no such node, or no such attribute.
func final(status wire.Status) bool {
	switch status.Base() {
	case wire.BadNodeIDUnknown, wire.BadNodeIDInvalid, wire.BadAttributeIDInvalid, wire.BadUserAccessDenied,
		wire.BadNotReadable, wire.BadNotSupported, wire.BadNotImplemented:
		return true
	}
	return false
}
