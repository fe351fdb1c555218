package mapping

import (
	"hash/fnv"
	"time"
)

// Rule says which samples of a tag are sent. Rules are equal when the tags they are of read and report alike.
type Rule struct {
	Report    Report
	Deadband  Deadband
	Heartbeat time.Duration // 0: none
	// Pushed is for values that come without being asked for, only when they change: they are reported by change, and
	// Repeat makes their heartbeats.
	Pushed bool
	// Dated is for polled values that carry a time of their own: what was sent already, with that time, is not sent
	// again, and Repeat makes the heartbeats.
	Dated bool
	// Tag identifies what the tag reads and how it is scaled, so that a reload that changes it sends its next sample.
	Tag uint64
}

// RuleOf is the rule of t, polled.
func RuleOf(t *Tag) Rule {
	return Rule{Report: t.Report, Deadband: t.Deadband, Heartbeat: t.Heartbeat, Tag: t.identity()}
}

// identity is over what makes the values of t, and neither its names nor when it is read and sent.
func (t *Tag) identity() uint64 {
	sum := fnv.New64a()
	h := hasher{h: sum}
	t.where(&h)
	h.num(uint64(t.Type)<<32 | uint64(t.Length)<<16 | uint64(t.Order)<<8 | uint64(t.Clamp))
	h.text(t.Zone)
	h.num(uint64(t.ScaleBy)<<1 | uint64(b2u(t.Wide)))
	s := &t.Scaling
	h.num(uint64(s.Kind))
	for _, d := range [...]Decimal{s.Scale, s.Offset, s.RawMin, s.RawMax, s.EngMin, s.EngMax, t.Min.Decimal, t.Max.Decimal} {
		h.decimal(d)
	}
	h.num(uint64(b2u(t.Min.Set))<<1 | uint64(b2u(t.Max.Set)))
	for _, v := range t.Invalid {
		h.num(uint64(b2u(v.Hex)))
		h.num(v.Bits)
		h.decimal(v.Value)
		h.text(v.Text)
	}
	return sum.Sum64()
}

func (h *hasher) decimal(d Decimal) {
	h.num(uint64(d.Mant))
	h.num(uint64(uint8(d.Exp)))
}
