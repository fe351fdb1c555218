package mapping

import "time"

// Rule says which samples of a tag are sent. Rules are equal when the tags they are of read and report alike.
type Rule struct {
	Report    Report
	Deadband  Deadband
	Heartbeat time.Duration // 0: none
	Pushed    bool          // the driver hands over a value only when it changes: Repeat makes the heartbeats too
	Tag       uint64        // identity of what the tag reads, so that a reload that changes it sends its next sample
}

// RuleOf is the rule of t, polled.
func RuleOf(t *Tag) Rule { return Rule{Report: t.Report, Deadband: t.Deadband, Heartbeat: t.Heartbeat} }

// Filter decides which samples of a group are sent. It belongs to the lane that reads the group.
type Filter struct{ group *Group }

// NewFilter makes a filter for g, with one rule for each of its series. No sample was sent yet.
func NewFilter(g *Group, rules []Rule) *Filter { return &Filter{group: g} }

// Apply keeps in b.Samples, in place, those to be sent, and sets their ShowQuality.
func (f *Filter) Apply(b *Batch) {}

// Forget takes back that the samples of b, as Apply and Repeat left them, were sent.
func (f *Filter) Forget(b *Batch) {}

// Repeat appends to b the samples that are due to be sent again at time now, in nanoseconds, which they carry. Call it
// after Apply, with the same batch or one of its own.
func (f *Filter) Repeat(now int64, b *Batch) {}

// Inherit takes over from old what was sent of tags whose series and rule are the same.
func (f *Filter) Inherit(old *Filter) {}
