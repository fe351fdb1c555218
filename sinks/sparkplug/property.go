package sparkplug

import (
	"google.golang.org/protobuf/encoding/protowire"

	"tagbridge/mapping"
)

// The qualities that there are (Sparkplug 3.0.0, 6.4.12).
const (
	qualityBad   = 0
	qualityGood  = 192
	qualityStale = 500 // nothing has been read yet
)

// properties are those of one metric, in the order in which they were added. Both arrays of a property set have as many.
type properties struct {
	keys   []byte // fields of the set
	values []byte
}

func (p *properties) reset() { p.keys, p.values = p.keys[:0], p.values[:0] }

func (p *properties) key(name string) { p.keys = appendText(p.keys, setKeys, name) }

func (p *properties) text(name, text string) {
	if text == "" {
		return
	}
	p.key(name)
	var at int
	p.values, at = begin(p.values, setValues)
	p.values = appendNumber(p.values, propertyType, uint64(String))
	p.values = end(appendText(p.values, propertyString, text), at)
}

func (p *properties) float(name string, v float64) {
	p.key(name)
	var at int
	p.values, at = begin(p.values, setValues)
	p.values = appendNumber(p.values, propertyType, uint64(Double))
	p.values = end(appendFloat64(p.values, propertyDouble, v), at)
}

// number adds an integer: of 32 bits without a sign in the field of 64, as values of metrics are: see appendValue.
func (p *properties) number(name string, t DataType, v uint32) {
	p.key(name)
	var at int
	p.values, at = begin(p.values, setValues)
	p.values = appendNumber(p.values, propertyType, uint64(t))
	field := protowire.Number(propertyInt)
	if t == UInt32 {
		field = propertyLong
	}
	p.values = end(appendNumber(p.values, field, uint64(v)), at)
}

// quality adds what is to be said of q: nothing of a good one, unless the last one was said not to be.
func (p *properties) quality(q mapping.Quality, unread, explicit bool) {
	switch {
	case unread:
		p.number("Quality", Int32, qualityStale)
	case q.IsBad():
		p.number("Quality", Int32, qualityBad)
	case q.IsUncertain():
		p.number("Quality", Int32, qualityGood)
		p.number("StatusCode", UInt32, uint32(q))
	case explicit:
		p.number("Quality", Int32, qualityGood)
	}
}

// append appends the set to a metric, when there is something in it.
func (p *properties) append(dst []byte) []byte {
	if len(p.keys) == 0 {
		return dst
	}
	dst = protowire.AppendTag(dst, metricProperties, protowire.BytesType)
	dst = protowire.AppendVarint(dst, uint64(len(p.keys)+len(p.values)))
	return append(append(dst, p.keys...), p.values...)
}
