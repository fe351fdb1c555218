package opcua

import (
	"context"
	"fmt"
	"slices"

	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping/node"
)

// details asks for types, values, units and enumerations of the variables that were found.
func (w *walker) details(ctx context.Context) error {
	var variables []int
	for i := range w.found {
		if w.found[i].Variable && matches(w.o.Match, w.found[i].Path) {
			variables = append(variables, i)
		}
	}
	if err := w.attributes(ctx, variables); err != nil {
		return err
	}
	if err := w.types(ctx, variables); err != nil {
		return err
	}
	return w.properties(ctx)
}

// attributes reads what variables have.
func (w *walker) attributes(ctx context.Context, variables []int) error {
	attributes := [...]wire.Attribute{wire.AttributeDataType, wire.AttributeValue, wire.AttributeDescription}
	n := len(attributes)
	at := func(k int) (wire.NodeID, wire.Attribute) { return w.found[variables[k/n]].id, attributes[k%n] }
	err := w.l.readAll(ctx, n*len(variables), at, func(k int, v *wire.DataValue) {
		f := &w.found[variables[k/n]]
		switch attributes[k%n] {
		case wire.AttributeDataType:
			if v.Value.Type == wire.TypeNodeID || v.Value.Type == wire.TypeExpandedNodeID {
				f.typ, _ = wire.NewReader(v.Value.Raw).ExpandedNodeID()
			}
		case wire.AttributeDescription:
			f.Remark = text(v.Value)
		default:
			w.value(f, v)
		}
	})
	if err != nil {
		return fmt.Errorf("read what was found: %w", err)
	}
	return nil
}

// value takes the value of f.
func (w *walker) value(f *Found, v *wire.DataValue) {
	f.Status = v.Status
	if v.Value.Array {
		f.Array = v.Value.Count
		f.Value = typeName(v.Value)
	} else if v.Value.Type != wire.TypeNull {
		f.Value = display(v.Value)
	}
	if v.Value.Type != wire.TypeNull {
		f.Type = v.Value.Type.String()
	}
	w.l.types.see(v.Value)
	if v.Value.Type == wire.TypeExtension {
		raw := v.Value
		if raw.Array {
			raw, _ = raw.Element(0)
		}
		if raw.Raw != nil {
			f.encoding = wire.NewReader(raw.Raw).Extension().Type
		}
	}
}

// types finds out what the data types are made of.
func (w *walker) types(ctx context.Context, variables []int) error {
	w.want(variables)
	if err := w.l.types.lookUp(ctx, w.l, w.l.o.Now(), func() bool { return true }); err != nil {
		return fmt.Errorf("look up data types: %w", err)
	}
	for _, i := range variables {
		if err := w.describe(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

// want has the data types of variables be looked up.
func (w *walker) want(variables []int) {
	for _, i := range variables {
		if f := &w.found[i]; f.encoding.IsNull() && !f.typ.IsNull() && builtin(f.typ) == wire.TypeNull {
			w.l.types.want(f.typ)
		}
	}
}

// describe says of what a variable is made, as far as its type is known.
func (w *walker) describe(ctx context.Context, i int) error {
	f, c := &w.found[i], w.l.types
	if f.Type == wire.TypeExtension.String() || f.typ.IsNull() {
		s, why := c.structure(f.encoding)
		if s == nil {
			if !f.encoding.IsNull() {
				f.Undescribed = why
			}
			return nil
		}
		f.Members = s.members(nil, nil, nil)
		for k := range f.Members {
			m := &f.Members[k]
			if err := w.l.textsOf(ctx, m.kind, &m.Enum); err != nil {
				return err
			}
		}
		return nil
	}
	e := c.encodedAs(f.typ)
	if f.Type == "" && e.typ != wire.TypeNull {
		f.Type = e.typ.String()
	}
	if e.enumerated {
		return w.l.textsOf(ctx, f.typ, &f.Enum)
	}
	return nil
}

// maxMembersShown is how many members of one structure a browse lists.
const maxMembersShown = 2000

// members appends the scalars in s to list, with where they are. above are the structures that s is within: one that
// is within itself has no end.
func (s *structure) members(list []Member, prefix node.Element, above []*structure) []Member {
	if slices.Contains(above, s) || len(above) > maxNested {
		return list
	}
	above = append(above[:len(above):len(above)], s)
	for i := range s.fields {
		f := &s.fields[i]
		at := append(prefix[:len(prefix):len(prefix)], node.Step{Member: f.name})
		if f.rank > 0 {
			at = append(at, node.Step{Each: true})
		}
		switch {
		case len(list) >= maxMembersShown:
			return list
		case f.def != nil:
			list = f.def.members(list, at, above)
		case f.typ != wire.TypeExtension:
			list = append(list, Member{Element: at, Type: f.typ.String(), kind: f.kind})
		}
	}
	return list
}

// properties reads units and texts of enumerations that nodes have as properties.
func (w *walker) properties(ctx context.Context) error {
	var wanted []property
	for _, p := range w.units {
		switch p.name {
		case "EngineeringUnits", "EnumStrings", "EnumValues":
			if p.parent >= 0 {
				wanted = append(wanted, p)
			}
		}
	}
	at := func(k int) (wire.NodeID, wire.Attribute) { return wanted[k].node, wire.AttributeValue }
	return w.l.readAll(ctx, len(wanted), at, func(k int, v *wire.DataValue) {
		f := &w.found[wanted[k].parent]
		if wanted[k].name == "EngineeringUnits" {
			f.Unit = unitOf(v.Value)
		} else if texts := enumTexts(v.Value); texts != nil {
			f.Enum = texts
		}
	})
}

// unitOf is the name of an EUInformation.
func unitOf(v wire.Variant) string {
	if v.Type != wire.TypeExtension || v.Array {
		return ""
	}
	e := wire.NewReader(v.Raw).Extension()
	if e.Type != wire.UnitEncoding {
		return ""
	}
	return wire.NewReader(e.Body).Unit()
}

// maxTexts is how many texts of an enumeration are taken.
const maxTexts = 1000

// enumTexts reads EnumStrings, texts from 0 up, or EnumValues.
func enumTexts(v wire.Variant) []wire.EnumText {
	var list []wire.EnumText
	for i, e := range v.All() {
		if i == maxTexts {
			break
		}
		switch e.Type {
		case wire.TypeLocalizedText:
			list = append(list, wire.EnumText{Value: int64(i), Text: text(e)})
		case wire.TypeExtension:
			if x := wire.NewReader(e.Raw).Extension(); x.Type == wire.EnumValueEncoding {
				list = append(list, wire.NewReader(x.Body).EnumValue())
			}
		}
	}
	return list
}
