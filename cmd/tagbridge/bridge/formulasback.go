package bridge

import (
	"context"
	"encoding/binary"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
	"tagbridge/sinks"
	"tagbridge/sinks/journal"
)

// What formulas of the present value remember is in a file that is up to a second old, or some when it is large. After a kill the
// journal has what was read since then: the values of inputs, and what was computed of them, which has the time of the newest. An
// input that is newer than the last that was computed was not computed with; its step comes with the next value.
//
// Not all that a formula was computed with is in the journal: an input with report: none is not, and of one with a deadband only what
// was sent is. Of these the newest that is known is taken.

const (
	// backMost is from when before the newest sample on the journal is read at most: the file is written more often.
	backMost = time.Minute
	// backSlack is by how much times of samples can be behind the clock by which the file is dated.
	backSlack = time.Minute
	// backWait is for how long a start is held up at most.
	backWait = 10 * time.Second
)

// remembered is a formula of a tag, and what the journal shows of it.
type remembered struct {
	drivers.Remembering
	inputs map[string]string // by device/tag, what the formula calls them
	// each: it is computed with each value that is read, be it sent or not. Else the newest of its own in the journal say with what it
	// was computed.
	each bool
	last int64 // the time of the last of these; 0: there is none
}

// makeUpFormulas has the formulas of s, which are new, remember what a run before that was killed has read after it kept what they
// remembered.
func (b *Bridge) makeUpFormulas(s *setup) {
	last := b.journal.LastRead()
	if last.IsZero() {
		return
	}
	byInput, own := map[string][]*remembered{}, map[string][]*remembered{}
	for _, d := range s.compiled {
		for _, f := range d.remembering() {
			for name := range f.inputs {
				byInput[name] = append(byInput[name], f)
			}
			own[d.conf.Name+"/"+f.Tag] = append(own[d.conf.Name+"/"+f.Tag], f)
		}
	}
	if len(byInput) == 0 {
		return
	}
	since := last.Add(-backMost)
	if at := b.formulas[""]; len(at) == 8 {
		if saved := time.Unix(0, int64(binary.LittleEndian.Uint64(at))); saved.After(since) {
			since = saved
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), backWait)
	defer cancel()
	q := journal.Past{Since: since.Add(-backSlack)}
	err := b.lookBack(ctx, q, func(name string, batch *mapping.Batch, sample *mapping.Sample) {
		for _, f := range own[name] {
			f.last = sample.Time
		}
	})
	if err == nil {
		err = b.lookBack(ctx, q, func(name string, batch *mapping.Batch, sample *mapping.Sample) {
			for _, f := range byInput[name] {
				f.Computer.Recall(f.inputs[name], batch, sample, f.each || sample.Time <= f.last)
			}
		})
	}
	if err != nil {
		b.o.Log.Warn("what formulas remember of values before is as old as the file, the journal cannot be read", "file", formulasFile, "err", err)
	}
}

// remembering are the formulas of d that remember something.
func (d *compiled) remembering() (list []*remembered) {
	tags := map[string]*mapping.Tag{}
	for _, t := range d.conf.Tags {
		tags[t.Name] = t
	}
	for _, j := range d.jobs {
		for _, r := range j.Compute.Remembering() {
			f := &remembered{Remembering: r, inputs: map[string]string{}}
			for _, name := range r.Computer.Recalls() {
				full := name
				if !d.conf.IsDerived() {
					full = d.conf.Name + "/" + name
				}
				f.inputs[full] = name
			}
			t := tags[r.Tag]
			shown := !r.Judges && t != nil && t.Report == mapping.ReportAll && t.ValidIf() == "" && !d.conf.Pushed()
			f.each = !shown && (!d.conf.IsDerived() || d.conf.Unasked())
			list = append(list, f)
		}
	}
	return list
}

// lookBack calls take with the samples of tags that the journal has, in the order in which they were read.
func (b *Bridge) lookBack(ctx context.Context, q journal.Past, take func(name string, batch *mapping.Batch, s *mapping.Sample)) error {
	q.Match = sinks.NewMatch(nil)
	h, err := b.journal.LookBack(ctx, q)
	if err != nil {
		return err
	}
	defer h.Close()
	names := map[*mapping.Group][]string{}
	return h.EachAsRead(ctx, func(batch *mapping.Batch, i int) error {
		g, s := batch.Group, &batch.Samples[i]
		if g.Own {
			return nil
		}
		if names[g] == nil {
			for _, series := range g.Series {
				names[g] = append(names[g], g.Device+"/"+series.Tag)
			}
		}
		take(names[g][s.Index], batch, s)
		return nil
	})
}
