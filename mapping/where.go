package mapping

import "strings"

// Where is where the value of t is, as people write it: a table and its number, or a node and the part of its value.
func (t *Tag) Where() string {
	if t.IsComputed() {
		return "= " + t.Computed.Expr
	}
	if t.Typed() {
		return strings.TrimSpace(t.Node.String() + " " + t.Element.String())
	}
	return t.Address.String()
}

// SameWhere reports that t and o are the same value of a device.
func (t *Tag) SameWhere(o *Tag) bool {
	return t.Address == o.Address && t.Node.String() == o.Node.String() && t.Element.Equal(o.Element) && t.sameComputed(o)
}

// Typed reports that the values of t come with a type, whatever the map says: those of nodes and formulas do, registers do not.
func (t *Tag) Typed() bool { return t.Node != nil || t.IsComputed() }

// where adds to h what Where is made of.
func (t *Tag) where(h *hasher) {
	h.num(uint64(t.Address.Table)<<32 | uint64(t.Address.Number)<<16 | uint64(t.Address.Part)<<8 | uint64(t.Address.Bit))
	h.text(t.Node.String())
	h.text(t.Element.String())
	h.text(t.expr())
	h.text(t.ValidIf())
	if r := t.reckoned(); r != nil {
		h.text(r.Key(t.StampText()))
	}
}
