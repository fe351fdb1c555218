package mapping

// Compiled is what tags that are read together are decoded, sent and named with.
type Compiled struct {
	Group  *Group
	Codecs []*Codec // one for each series of the group
	Filter *Filter
}

// Shape is all of a tag that its codec and the traits of its series are made from: tags of one shape share both.
type Shape struct {
	traits      *Traits
	part        Part
	bit         uint8
	bits, typed bool
}

// ShapeOf is the shape of t.
func ShapeOf(t *Tag) Shape {
	return Shape{t.Traits, t.Address.Part, t.Address.Bit, t.Address.Table.IsBits(), t.Typed()}
}
