package drivers

import (
	"tagbridge/mapping"
)

// regrouping is what the lane has to make up for after a job's tags have changed.
type regrouping struct {
	ended mapping.Batch // the last samples of tags that are gone
	worse int           // by how many more tags are bad than before
}

// Current is the group that j reads at present: Group, or the one that it was last given. Safe for concurrent use.
func (j *Job) Current() *mapping.Group {
	if g := j.current.Load(); g != nil {
		return g
	}
	return j.Group
}

// Regroup has j read g, whose samples are sent as filter says, from now on: a link calls it in Do, before the first
// sample of a round is in b, when the device told something about the tags that their map leaves open, such as the
// length of an array. Tags that keep their names go on as if nothing had happened; those that are not in g end.
func (j *Job) Regroup(g *mapping.Group, filter *mapping.Filter, b *mapping.Batch) {
	old := j.Current()
	if filter != nil && j.Filter != nil {
		filter.Inherit(j.Filter)
	}
	j.Filter = filter
	r := &regrouping{}
	r.ended.Reset(old)
	j.current.Store(g)
	r.worse = j.live.regroup(g, &r.ended)
	j.regrouped = r
	b.Group = g
}
