package drivers

import "tagbridge/mapping"

// Table is the present values of the tags that one job reads, for whoever looks at some of them again and again: nothing of
// the others is copied. Tables of the same job are equal. Its methods are safe for concurrent use.
type Table struct {
	job    *Job
	device *device
}

// Tables are those of the applied jobs, in their order. The list is never changed.
func (r *roster) Tables() []Table {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tables
}

// Group is what the table is of at present; see Job.Regroup.
func (t Table) Group() *mapping.Group { return t.job.Current() }

// Turned is how often the quality of a tag of the table has become another one.
func (t Table) Turned() uint64 { return t.job.live.turned() }

// Elsewhere reports that another process reads the tags of the table.
func (t Table) Elsewhere() bool {
	if t.device == nil {
		return false
	}
	t.device.mu.Lock()
	defer t.device.mu.Unlock()
	e, is := t.device.err.(elsewhere)
	return is && e.by() != ""
}

// Qualities appends the quality of each tag of g to dst; false: the table is not of g any more.
func (t Table) Qualities(g *mapping.Group, dst []mapping.Quality) ([]mapping.Quality, bool) {
	l := &t.job.live
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.of != g {
		return dst, false
	}
	for i := range l.last {
		dst = append(dst, l.last[i].Quality)
	}
	return dst, true
}

// Asked is the request that tag index is read with; "" where its driver cannot tell.
func (t Table) Asked(index int) string {
	if asker, ok := t.job.Work.(Asker); ok {
		return asker.Asked(index)
	}
	return ""
}

// Look calls yield with the present value of each tag that indexes names, by its place there: indexes are of g. It yields
// nothing when the table is not of g any more. What a TagState points to is valid until yield returns. b is reused.
func (t Table) Look(g *mapping.Group, indexes []uint16, b *mapping.Batch, yield func(place int, s *TagState)) {
	since := t.job.live.some(g, indexes, b)
	if since == nil {
		return
	}
	var offline error
	if t.device != nil {
		offline = t.device.why()
	}
	var raw []byte
	for place := range b.Samples {
		s := TagState{Group: g, Series: g.Series[indexes[place]], Sample: b.Samples[place], Since: since[place]}
		if s.Sample.Kind == mapping.Text {
			s.Text = b.Text(&s.Sample)
		}
		raw = t.job.add(&s, int(indexes[place]), raw, offline)
		yield(place, &s)
	}
}

// some has b hold the last samples of the tags that indexes names, and returns since when each has its quality; nil: the
// table is not of g.
func (t *live) some(g *mapping.Group, indexes []uint16, b *mapping.Batch) []int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.of != g {
		return nil
	}
	b.Reset(g)
	since := make([]int64, 0, len(indexes))
	for _, i := range indexes {
		s := t.last[i]
		if s.Kind == mapping.Text {
			b.PutText(&s, t.text[i])
		}
		b.Samples = append(b.Samples, s)
		since = append(since, t.since[i])
	}
	return since
}
