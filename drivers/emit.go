package drivers

import (
	"cmp"
	"slices"

	"tagbridge/mapping"
)

// flush hands over what the batch holds, then the bridge's own samples that waited for it.
func (l *Lane) flush() {
	l.flushTags()
	l.flushOwn()
}

// flushOwn hands over the bridge's own samples, if any wait.
func (l *Lane) flushOwn() {
	_ = l.hand(&l.own) // that it was not taken is logged and counted
	l.own.Samples = l.own.Samples[:0]
}

func (l *Lane) flushTags() {
	j := l.owner
	l.owner = nil
	if j == nil || len(l.batch.Samples) == 0 {
		return
	}
	n, worse := j.live.put(l.batch)
	l.bad += worse
	j.dev.count(n)
	if j.Filter != nil {
		j.Filter.Apply(l.batch)
		l.pushed = l.pushed || j.Filter.Beats()
	}
	l.send(j.Filter)
}

// send appends the batch; what was not taken was never sent.
func (l *Lane) send(f *mapping.Filter) {
	if err := l.hand(l.batch); err != nil && f != nil {
		f.Forget(l.batch)
	}
}

// hand appends b. An error means that it, or the end of it, was not taken.
func (l *Lane) hand(b *mapping.Batch) error {
	if len(b.Samples) == 0 {
		return nil
	}
	err := l.append(b)
	if err == nil {
		l.refused = false
		return nil
	}
	l.unsent.Add(uint64(len(b.Samples)))
	if !l.refused {
		l.refused = true
		l.log.Error("samples not taken", "device", b.Group.Device, "err", err)
	}
	return err
}

// mark gives every tag of j the bad quality q at now.
func (l *Lane) mark(j *Job, q mapping.Quality, now moment) {
	l.flush()
	g := j.Current()
	l.batch.Reset(g)
	l.batch.Samples = slices.Grow(l.batch.Samples, len(g.Series))
	for i := range g.Series {
		l.batch.Samples = append(l.batch.Samples, badSample(i, q, now))
	}
	l.owner = j
	l.flush()
}

func badSample(index int, q mapping.Quality, now moment) mapping.Sample {
	return mapping.Sample{Time: now.wall, Quality: q, Index: uint16(index), Flags: mapping.ShowQuality}
}

// end gives the tags of a job that are gone for good their last sample.
func (l *Lane) end(g Gone, now moment) {
	l.flush()
	group := cmp.Or(g.Group, g.Job.Current())
	l.batch.Reset(group)
	tags := g.Tags
	if g.All {
		for i := range group.Series {
			l.batch.Samples = append(l.batch.Samples, badSample(i, mapping.BadOutOfService, now))
		}
		tags = nil
	}
	for _, i := range tags {
		l.batch.Samples = append(l.batch.Samples, badSample(i, mapping.BadOutOfService, now))
	}
	l.send(nil)
}
