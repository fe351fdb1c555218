package opcua

import (
	"context"
	"slices"
	"time"

	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping"
)

// asker asks a server for what maps leave open.
type asker struct {
	l     *Link
	p     *Plan
	node  map[string]wire.NodeID // by address
	told  map[Place]Facts
	fresh []*mapping.Tag                     // that were asked about this time
	texts map[Place]bool                     // of which properties have told the texts
	enums map[wire.NodeID][]mapping.EnumText // by data type
}

// tell notes what was told about the place of t.
func (a *asker) tell(t *mapping.Tag, note func(*Facts)) {
	f, ok := a.told[placeOf(t)]
	if !ok {
		f = a.p.facts[placeOf(t)]
	}
	note(&f)
	a.told[placeOf(t)] = f
}

// wanted are the properties that tell what t leaves open. Those of a structure are not its members'.
func wanted(t *mapping.Tag) (names []string) {
	if t.Element.HasMember() {
		return nil
	}
	if wantsUnit(t) {
		names = append(names, propUnit)
	}
	if t.Deadband.Percent {
		names = append(names, propRange)
	}
	if t.EnumAuto {
		names = append(names, propTexts, propValues, propFalse, propTrue)
	}
	return names
}

// question is a property of the node of a tag.
type question struct {
	tag  *mapping.Tag
	name string
	node wire.NodeID // of the property; null: there is none
}

// How much is asked at once, and for how long before the values are read first: a small PLC takes its time over
// thousands of properties.
const (
	maxQuestions = 500
	askingTime   = 2 * time.Second
)

// properties asks for the properties of nodes that have not been asked for in this session, as far as the time goes.
func (a *asker) properties(ctx context.Context) error {
	until := a.l.o.Now().Add(a.l.asking)
	var all []question
	for _, t := range a.p.o.Maps {
		if _, ok := a.node[t.Node.String()]; !ok || !isOpen(t) || a.p.queried[placeOf(t)] {
			continue
		}
		if len(all) >= maxQuestions {
			if err := a.ask(ctx, all); err != nil {
				return err
			}
			if all = all[:0]; a.l.o.Now().After(until) {
				a.p.outgrown = true // the rest after the next round
				return nil
			}
		}
		for _, name := range wanted(t) {
			all = append(all, question{tag: t, name: name})
		}
		a.fresh = append(a.fresh, t)
		a.p.queried[placeOf(t)] = true
	}
	return a.ask(ctx, all)
}

// ask finds and reads properties.
func (a *asker) ask(ctx context.Context, all []question) error {
	if err := a.find(ctx, all); err != nil {
		return err
	}
	all = slices.DeleteFunc(slices.Clone(all), func(q question) bool { return q.node.IsNull() })
	at := func(k int) (wire.NodeID, wire.Attribute) { return all[k].node, wire.AttributeValue }
	return a.l.readAll(ctx, len(all), at, func(k int, v *wire.DataValue) {
		if !v.Status.IsBad() {
			a.tell(all[k].tag, func(f *Facts) {
				if f.property(all[k].name, v.Value) {
					a.texts[placeOf(all[k].tag)] = true
				}
			})
		}
	})
}

// find looks for the nodes of properties. A server that does not tell has none.
func (a *asker) find(ctx context.Context, all []question) error {
	one := func(k int) wire.Path {
		return wire.Path{Start: a.node[all[k].tag.Node.String()], Names: []wire.QualifiedName{{Name: all[k].name}}}
	}
	name := func(k int) string { return all[k].tag.Node.String() + " " + all[k].name }
	return a.l.targets(ctx, subjects{service: translateService, n: len(all), name: name}, one, func(k int, t wire.Target) {
		if !t.Status.IsBad() {
			all[k].node = t.Node
		}
	})
}

// enumerations asks for the texts of those data types whose nodes do not tell any.
func (a *asker) enumerations(ctx context.Context) error {
	var tags []*mapping.Tag
	for _, t := range a.fresh {
		if t.EnumAuto && !a.texts[placeOf(t)] {
			tags = append(tags, t)
		}
	}
	types := make([]wire.NodeID, len(tags))
	f := filler{l: a.l, p: a.p}
	at := func(k int) (wire.NodeID, wire.Attribute) {
		if tags[k].Element.HasMember() {
			return a.node[tags[k].Node.String()], wire.AttributeValue // whose members have types of their own
		}
		return a.node[tags[k].Node.String()], wire.AttributeDataType
	}
	err := a.l.readAll(ctx, len(tags), at, func(k int, v *wire.DataValue) {
		if tags[k].Element.HasMember() {
			p, _ := f.follow(tags[k].Element, v.Value)
			types[k] = p.kind
		} else if v.Value.Type == wire.TypeNodeID && !v.Value.Array {
			types[k] = wire.NewReader(v.Value.Raw).NodeID()
		}
	})
	if err != nil {
		return err
	}
	for k, typ := range types {
		texts, known := a.enums[typ]
		if !known && !typ.IsNull() && builtin(typ) == wire.TypeNull {
			list, err := a.l.enumeration(ctx, typ)
			if err != nil {
				return err
			}
			texts = tidyTexts(list)
		}
		a.enums[typ] = texts
		a.tell(tags[k], func(f *Facts) { f.Enum = texts })
	}
	return nil
}

// lengths looks at the arrays whose elements are all wanted.
func (a *asker) lengths(ctx context.Context) error {
	var tags []*mapping.Tag
	for _, t := range a.p.o.Maps {
		if _, ok := a.node[t.Node.String()]; ok && t.EachElement() {
			tags = append(tags, t)
		}
	}
	f := filler{l: a.l, p: a.p}
	at := func(k int) (wire.NodeID, wire.Attribute) { return a.node[tags[k].Node.String()], wire.AttributeValue }
	return a.l.readAll(ctx, len(tags), at, func(k int, v *wire.DataValue) {
		if !v.Status.IsBad() {
			a.tell(tags[k], func(facts *Facts) { facts.Length = f.length(tags[k].Element, v.Value) })
		}
	})
}
