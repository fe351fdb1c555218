package opcua

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tagbridge/drivers/opcua/wire"
)

// learn finds out how the structures are encoded that p's tags take members of, as far as the time goes: values are not
// held up for long, and the rest is asked for between rounds.
func (v visit) learn(ctx context.Context) error {
	isMember := func(i uint16) bool { return v.p.tags[i].Element.HasMember() }
	var leads []int
	for i := range v.p.tags {
		if v.p.leads(i) && v.p.nodes[i].bad == wire.Good && (isMember(uint16(i)) || slices.ContainsFunc(v.p.followers[i], isMember)) {
			leads = append(leads, i)
		}
	}
	at := func(k int) (wire.NodeID, wire.Attribute) { return v.p.nodes[leads[k]].id, wire.AttributeValue }
	f := filler{l: v.Link, p: v.p}
	until := v.o.Now().Add(v.asking)
	for range maxNested { // the types of what is in them show when they are known themselves
		err := v.readAll(ctx, len(leads), at, func(k int, val *wire.DataValue) {
			v.types.see(val.Value)
			f.lay(val.Value)
			f.pick(leads[k])
			for _, i := range v.p.followers[leads[k]] {
				f.pick(int(i))
			}
		})
		if err != nil {
			return fmt.Errorf("read structures: %w", err)
		}
		if !v.types.pending(v.o.Now()) || v.o.Now().After(until) {
			break
		}
		if err := v.describe(ctx); err != nil {
			return err
		}
	}
	v.p.outgrown = false
	return nil
}

// describe asks for the types that were met, for a time. What the plan could not take from its values before is read when
// it is known how.
func (v visit) describe(ctx context.Context) error {
	now := v.o.Now()
	if v.types.pending(now) {
		until := now.Add(v.asking)
		if err := v.types.lookUp(ctx, v.Link, now, func() bool { return !v.o.Now().After(until) }); err != nil {
			return fmt.Errorf("look up data types: %w", err)
		}
	}
	if p := v.p; p.untyped && p.typesSeen != v.types.version {
		p.untyped, p.typesSeen, p.sub.reread = false, v.types.version, true
	}
	return nil
}

// passing is err, but for a service that failed without costing the session.
func passing(err error) error {
	if status, ok := errors.AsType[wire.Status](err); ok && !status.SessionLost() {
		return nil
	}
	return err
}
