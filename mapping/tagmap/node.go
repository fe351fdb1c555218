package tagmap

import (
	"tagbridge/mapping"
	"tagbridge/mapping/node"
)

// readNode reads where and what an OPC UA tag is.
func readNode(b *tagBuilder, r *row, t *mapping.Tag) {
	var err error
	if r.has(colOrder) {
		r.problemf(colOrder, "OPC UA values have no byte order")
	}
	readType(b, r, t)
	if t.Type.OnlyRegisters() {
		r.problemf(colType, "OPC UA has no %s: it is a type of registers", t.Type)
	}
	switch text := b.keep.own(r.text(colAddress)); {
	case text != "":
		if t.Node, err = node.Parse(text); err != nil {
			r.problemf(colAddress, "%s", err)
		}
	case !r.unknown(colAddress):
		r.problemf(colAddress, "a tag needs an address, such as nsu=http://example.org/press;s=Force")
	}
	if t.Element, err = node.ParseElement(b.keep.text(r.text(colElement))); err != nil {
		r.problemf(colElement, "%s", err)
	}
}
