package opcua

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping"
)

// asker asks a server for what maps leave open.
type asker struct {
	l     *Link
	p     *Plan
	node  map[string]wire.NodeID // by address
	told  map[Place]Facts
	enums map[wire.NodeID][]mapping.EnumText // by data type
}

// tell notes what was told about the place of t.
func (a *asker) tell(t *mapping.Tag, note func(*Facts)) {
	f := a.told[placeOf(t)]
	note(&f)
	a.told[placeOf(t)] = f
}

// The properties that say what a value means (Part 8).
const (
	propUnit   = "EngineeringUnits"
	propRange  = "EURange"
	propTexts  = "EnumStrings"
	propValues = "EnumValues"
	propFalse  = "FalseState"
	propTrue   = "TrueState"
)

// wanted are the properties that tell what t leaves open. Those of a structure are not its members'.
func wanted(t *mapping.Tag) (names []string) {
	if strings.Contains(t.Element, ".") {
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

// properties asks for the properties of nodes.
func (a *asker) properties(ctx context.Context) error {
	var all []question
	for _, t := range a.p.o.Maps {
		if _, ok := a.node[t.Node]; !ok || !isOpen(t) {
			continue
		}
		for _, name := range wanted(t) {
			all = append(all, question{tag: t, name: name})
		}
	}
	if err := a.find(ctx, all); err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(q question) bool { return q.node.IsNull() })
	at := func(k int) (wire.NodeID, wire.Attribute) { return all[k].node, wire.AttributeValue }
	return a.l.readAll(ctx, len(all), at, func(k int, v *wire.DataValue) {
		if !v.Status.IsBad() {
			a.tell(all[k].tag, func(f *Facts) { f.property(all[k].name, v.Value) })
		}
	})
}

// property takes over the value of a property.
func (f *Facts) property(name string, v wire.Variant) {
	switch name {
	case propUnit:
		f.Unit = plain(unitOf(v))
	case propRange:
		f.Span = spanOf(v)
	case propFalse, propTrue:
		e := mapping.EnumText{Text: plain(text(v))}
		if name == propTrue {
			e.Value = 1
		}
		if e.Text != "" {
			f.Enum = append(f.Enum, e) // false comes first
		}
	default:
		if texts := enumTexts(v); len(texts) > 0 {
			f.Enum = tidyTexts(texts)
		}
	}
}

// find looks for the nodes of properties. A server that does not tell has none.
func (a *asker) find(ctx context.Context, all []question) error {
	for len(all) > 0 {
		var q wire.TranslatePaths
		size := 0
		for len(q.Paths) < min(len(all), a.l.limits.translate) && size < maxBytes {
			one := all[len(q.Paths)]
			start := a.node[one.tag.Node]
			q.Paths = append(q.Paths, wire.Path{Start: start, Names: []wire.QualifiedName{{Name: one.name}}})
			size += 64 + len(start.Text) + len(one.name)
		}
		n := len(q.Paths)
		r, err := a.l.s.Call(ctx, q)
		if status, ok := errors.AsType[wire.Status](err); ok && status.TooLarge() && n > 1 {
			a.l.limits.translate = n / 2
			continue
		}
		if err != nil {
			return passing(err)
		}
		targets := r.Targets()
		if r.Err() != nil || len(targets) != n {
			return fmt.Errorf("translate browse paths: %d answers to %d paths (%v)", len(targets), n, r.Err())
		}
		for k, t := range targets {
			if !t.Status.IsBad() {
				all[k].node = t.Node
			}
		}
		all = all[n:]
	}
	return nil
}

// enumerations asks for the texts of those data types whose nodes do not tell any.
func (a *asker) enumerations(ctx context.Context) error {
	var tags []*mapping.Tag
	for _, t := range a.p.o.Maps {
		if _, ok := a.node[t.Node]; ok && t.EnumAuto && a.told[placeOf(t)].Enum == nil {
			tags = append(tags, t)
		}
	}
	types := make([]wire.NodeID, len(tags))
	f := filler{l: a.l, p: a.p}
	at := func(k int) (wire.NodeID, wire.Attribute) {
		if strings.Contains(tags[k].Element, ".") {
			return a.node[tags[k].Node], wire.AttributeValue // whose members have types of their own
		}
		return a.node[tags[k].Node], wire.AttributeDataType
	}
	err := a.l.readAll(ctx, len(tags), at, func(k int, v *wire.DataValue) {
		if strings.Contains(tags[k].Element, ".") {
			if steps, err := parseElement(tags[k].Element); err == nil {
				p, _ := f.follow(steps, v.Value)
				types[k] = p.kind
			}
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
		if _, ok := a.node[t.Node]; ok && t.EachElement() {
			tags = append(tags, t)
		}
	}
	f := filler{l: a.l, p: a.p}
	at := func(k int) (wire.NodeID, wire.Attribute) { return a.node[tags[k].Node], wire.AttributeValue }
	return a.l.readAll(ctx, len(tags), at, func(k int, v *wire.DataValue) {
		steps, err := parseElement(tags[k].Element)
		if err == nil && !v.Status.IsBad() {
			a.tell(tags[k], func(facts *Facts) { facts.Length = f.length(steps, v.Value) })
		}
	})
}

// spanOf is the width of a Range; 0 when it is none.
func spanOf(v wire.Variant) float64 {
	if v.Type != wire.TypeExtension || v.Array {
		return 0
	}
	e := wire.NewReader(v.Raw).Extension()
	body := wire.NewReader(e.Body)
	if low, high := body.Range(); e.Type == wire.RangeEncoding && body.Err() == nil && high > low {
		return min(high-low, 1e300)
	}
	return 0
}

// maxText bounds what is taken of a server's texts.
const maxText = 255

// plain is s on one line, without what cannot be seen.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s)
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "")
	}
	return strings.TrimSpace(s)
}

// tidyTexts is the texts of an enumeration as tags have them: sorted, each value once. Values without a text have none.
func tidyTexts(list []wire.EnumText) []mapping.EnumText {
	var tidy []mapping.EnumText
	for _, e := range list {
		if name := plain(e.Text); name != "" {
			tidy = append(tidy, mapping.EnumText{Value: e.Value, Text: name})
		}
	}
	slices.SortStableFunc(tidy, func(x, y mapping.EnumText) int { return cmp.Compare(x.Value, y.Value) })
	return slices.CompactFunc(tidy, func(x, y mapping.EnumText) bool { return x.Value == y.Value })
}
