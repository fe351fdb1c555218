package drivers

import (
	"cmp"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tagbridge/mapping"
)

// Samples wait for others of their round no longer than emitWithin, and carry the time of its first answer when theirs
// came within sameTime.
const (
	emitWithin = 20 * time.Millisecond
	sameTime   = 100 * time.Millisecond
)

// outbox is what a lane has to send: the samples of the round that is being read, and the bridge's own. It counts the
// bad ones, which are sent again without being read. All but unsent is the lane's goroutine's.
type outbox struct {
	append  func(*mapping.Batch) error
	heard   func(*mapping.Batch) // nil: nobody listens
	log     *slog.Logger
	unsent  atomic.Uint64  // samples that append did not take
	refused bool           // the last append failed
	batch   *mapping.Batch // nil while the lane sleeps
	owner   *Job           // whose samples batch holds
	oldest  time.Duration  // when the first of them came
	own     mapping.Batch  // the bridge's own samples, which do not cut a poll in two
	bad     int            // tags of all jobs
	pushed  bool           // the link has pushed, or its samples are dated: heartbeats are the lane's
}

// batches are those of lanes that sleep, empty: most of a plant's lanes do, most of the time.
var batches = sync.Pool{New: func() any { return new(mapping.Batch) }}

// release lends the batch to other lanes until acquire; false when there is something in it.
func (o *outbox) release() bool {
	if o.owner != nil {
		return false
	}
	o.batch.Reset(nil)
	batches.Put(o.batch)
	o.batch = nil
	return true
}

func (o *outbox) acquire() { o.batch = batches.Get().(*mapping.Batch) }

// gather has the batch take the samples of an exchange of j that is expected to end at the given time. What it holds
// goes first, when that is another job's or would be too old by then. It returns how many samples of j it keeps.
func (o *outbox) gather(j *Job, end time.Duration) int {
	if o.owner != j || end > o.oldest+emitWithin {
		o.flush()
	}
	if o.owner == nil {
		g := j.Current()
		o.batch.Reset(g)
		o.batch.Samples = slices.Grow(o.batch.Samples, len(g.Series))
		o.owner = j
	}
	return len(o.batch.Samples)
}

// added takes note of the samples from the index on, which came at the given time; those that bring none get wall.
func (o *outbox) added(from int, at time.Duration, wall int64) {
	samples := o.batch.Samples[from:]
	if from == 0 && len(samples) > 0 {
		o.oldest = at
	}
	for i := range samples {
		if samples[i].Time == 0 {
			samples[i].Time = wall
		}
	}
}

// flush hands over what the batch holds, then the bridge's own samples that waited for it.
func (o *outbox) flush() {
	o.flushTags()
	o.flushOwn()
}

func (o *outbox) flushTags() {
	j := o.owner
	o.owner = nil
	if j == nil || len(o.batch.Samples) == 0 {
		return
	}
	n, worse := j.live.put(o.batch)
	o.bad += worse
	j.dev.count(n)
	whole := o.asRead()
	if j.Filter != nil {
		j.Filter.Apply(o.batch)
		o.pushed = o.pushed || j.Filter.Beats()
	}
	o.send(j.Filter)
	if whole != nil { // after it was sent: what is computed of it comes after it, also in the log
		o.heard(whole)
		whole.Reset(nil)
		batches.Put(whole)
	}
}

// asRead is a copy of the batch for those who listen; nil: nobody does.
func (o *outbox) asRead() *mapping.Batch {
	if o.heard == nil {
		return nil
	}
	whole := batches.Get().(*mapping.Batch)
	whole.Reset(o.batch.Group)
	whole.Samples, whole.Blob = append(whole.Samples, o.batch.Samples...), append(whole.Blob, o.batch.Blob...)
	return whole
}

// send appends the batch; what was not taken was never sent.
func (o *outbox) send(f *mapping.Filter) {
	if err := o.hand(o.batch); err != nil && f != nil {
		f.Forget(o.batch)
	}
}

// hand appends what of b is not withheld. An error means that it, or the end of it, was not taken.
func (o *outbox) hand(b *mapping.Batch) error {
	b.Withhold()
	if len(b.Samples) == 0 {
		return nil
	}
	err := o.append(b)
	if err == nil {
		o.refused = false
		return nil
	}
	o.unsent.Add(uint64(len(b.Samples)))
	if !o.refused {
		o.refused = true
		o.log.Error("samples not taken", "device", b.Group.Device, "err", err)
	}
	return err
}

// markBad gives every tag of j the bad quality q at now.
func (o *outbox) markBad(j *Job, q mapping.Quality, now moment) {
	o.flush()
	g := j.Current()
	o.batch.Reset(g)
	o.batch.Samples = slices.Grow(o.batch.Samples, len(g.Series))
	for i := range g.Series {
		o.batch.Samples = append(o.batch.Samples, badSample(i, q, now))
	}
	o.owner = j
	o.flush()
}

func badSample(index int, q mapping.Quality, now moment) mapping.Sample {
	return mapping.Sample{Time: now.wall, Quality: q, Index: uint16(index), Flags: mapping.ShowQuality}
}

// end gives the tags of a job that are gone for good their last sample.
func (o *outbox) end(g Gone, now moment) {
	o.flush()
	group := cmp.Or(g.Group, g.Job.Current())
	o.batch.Reset(group)
	tags := g.Tags
	if g.All {
		for i := range group.Series {
			o.batch.Samples = append(o.batch.Samples, badSample(i, mapping.BadOutOfService, now))
		}
		tags = nil
	}
	for _, i := range tags {
		o.batch.Samples = append(o.batch.Samples, badSample(i, mapping.BadOutOfService, now))
	}
	o.send(nil)
}

// endRegrouped makes up for a change of j's tags in the last exchange.
func (o *outbox) endRegrouped(j *Job, now moment) {
	r := j.regrouped
	if r == nil {
		return
	}
	j.regrouped = nil
	o.bad += r.worse
	for i := range r.ended.Samples {
		s := &r.ended.Samples[i]
		*s = badSample(int(s.Index), mapping.BadOutOfService, now)
	}
	_ = o.hand(&r.ended) // that it was not taken is logged and counted
}
