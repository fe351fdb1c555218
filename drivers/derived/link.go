// Package derived is the driver of devices whose tags are computed from those of others. What the lanes of those read
// comes to its link through a Hub; what is computed of it, and in which order, is the business of drivers.Compute. The
// link asks nobody anything: its exchanges take no time, and it cannot fail.
package derived

import (
	"context"
	"errors"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
	"tagbridge/mapping/formula"
)

// gather is how long what was read waits for what is read at the same time, before anything is computed of it.
const gather = 10 * time.Millisecond

// Plan is the work of one job.
type Plan struct {
	// ByChange: it is computed when an input was read, and not only at each poll.
	ByChange bool
	// Codecs are those of its tags where they are reckoned: their values come by Hub.Give. nil: they are computed.
	Codecs []*mapping.Codec
}

// Raw implements drivers.Work: nothing is read from a wire.
func (*Plan) Raw(dst []byte, _ int) []byte { return dst }

// Err implements drivers.Work: drivers.Compute says why a value is bad.
func (*Plan) Err(int) string { return "" }

// Link is what derived devices have for a connection: an ear for what the lanes of others read.
type Link struct {
	hub    *Hub
	waits  *results // for it
	ear    ear
	open   bool
	jobs   map[*drivers.Job]bool
	values map[*drivers.Values]int             // of the jobs, how many have them
	inputs map[*mapping.Group][]mapping.Inputs // of groups that were heard
	due    []*drivers.Job                      // to be computed
	given  given                               // what is for jobs whose tags are reckoned
}

var (
	_ drivers.Waiter  = (*Link)(nil)
	_ drivers.Dropper = (*Link)(nil)
)

// NewLink makes a link that listens to h while it is open, for the jobs of that device alone; "": for those of any that has no link
// of its own.
func NewLink(h *Hub, device string) *Link {
	return &Link{hub: h, waits: h.queue(device), ear: newEar()}
}

// Open implements drivers.Link.
func (l *Link) Open(context.Context) error {
	_ = l.Close() // which never fails
	l.open = true
	l.jobs, l.values, l.inputs = map[*drivers.Job]bool{}, map[*drivers.Values]int{}, map[*mapping.Group][]mapping.Inputs{}
	l.given = newGiven()
	return nil
}

// Close implements drivers.Link.
func (l *Link) Close() error {
	if l.open {
		l.open = false
		l.hub.forget(l)
		l.ear.empty()
		l.jobs, l.values, l.inputs, l.due, l.given = nil, nil, nil, nil, given{}
	}
	return nil
}

// Do implements drivers.Link: what was heard is there to compute with.
func (l *Link) Do(ctx context.Context, j *drivers.Job, _ int, _ *mapping.Batch) (next int, err error) {
	if !l.open {
		return 0, drivers.ErrClosed
	}
	if _, ok := j.Work.(*Plan); !ok || j.Compute == nil {
		return 0, errors.New("a job of another driver")
	}
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	l.learn(j)
	l.listen()
	return 0, nil
}

// Wait implements drivers.Waiter: it returns each job that is computed by change after something was heard, and each whose
// tags are reckoned with what was given.
func (l *Link) Wait(ctx context.Context, b *mapping.Batch) (*drivers.Job, error) {
	if !l.open {
		return nil, drivers.ErrClosed
	}
	for len(l.due) == 0 {
		l.given.add(l.waits.take())
		if j := l.given.next(b); j != nil {
			l.recompute()
			return j, nil
		}
		select {
		case <-l.waits.rings:
			continue
		case <-l.ear.rings:
		case <-ctx.Done():
			return nil, nil
		}
		pause := time.NewTimer(gather)
		select {
		case <-pause.C:
		case <-ctx.Done(): // what was heard is computed with the next time
			pause.Stop()
			l.ear.ring()
			return nil, nil
		}
		l.listen()
		l.recompute()
	}
	j := l.due[len(l.due)-1]
	l.due = l.due[:len(l.due)-1]
	return j, nil
}

// recompute has each job be computed that is so by change.
func (l *Link) recompute() {
	for j := range l.jobs {
		if p := j.Work.(*Plan); p.ByChange && p.Codecs == nil {
			l.due = append(l.due, j)
		}
	}
}

// Drop implements drivers.Dropper.
func (l *Link) Drop(j *drivers.Job) {
	if !l.jobs[j] {
		return
	}
	delete(l.jobs, j)
	l.given.drop(j)
	l.due = nil // what is still to be computed is found with the next that is heard
	l.ear.ring()
	v := j.Compute.Values()
	if l.values[v]--; l.values[v] == 0 {
		delete(l.values, v)
		l.want()
	}
}

// learn has the link hear what j needs.
func (l *Link) learn(j *drivers.Job) {
	if l.jobs[j] {
		return
	}
	l.jobs[j] = true
	l.given.learn(j)
	v := j.Compute.Values()
	if l.values[v]++; l.values[v] > 1 {
		return
	}
	l.want()
	l.hub.tell(l)
}

// want tells the hub what the jobs need.
func (l *Link) want() {
	names := map[string]map[string]bool{}
	for v := range l.values {
		for _, name := range v.Foreign() {
			addName(names, name)
		}
	}
	clear(l.inputs)
	l.hub.want(l, names)
}

// listen writes what was heard to the values of the jobs.
func (l *Link) listen() {
	now := time.Now().UnixNano()
	list := l.ear.take()
	for _, h := range list {
		for _, in := range l.inputsOf(h.batch.Group) {
			for i := range h.batch.Samples {
				s := &h.batch.Samples[i]
				if !h.old || !in.Has(s) {
					in.Put(h.batch, s, now)
				}
			}
		}
	}
	l.ear.giveBack(list)
}

// inputsOf are where the values of g are kept.
func (l *Link) inputsOf(g *mapping.Group) []mapping.Inputs {
	if known, ok := l.inputs[g]; ok {
		return known
	}
	var list []mapping.Inputs
	for v := range l.values {
		if !v.IsOf(g.Device) {
			list = append(list, mapping.NewInputs(g, func(tag string) *formula.Input { return v.Input(g.Device + "/" + tag) }))
		}
	}
	l.inputs[g] = list
	return list
}
