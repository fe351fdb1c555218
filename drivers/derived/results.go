package derived

import (
	"slices"
	"sync"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
)

// mostResults is how many results wait at most: when nobody takes them, the oldest are lost.
const mostResults = 200_000

// Result is a value that was reckoned for a tag.
type Result struct {
	Device, Tag string
	Time        int64
	Number      float64 // 0 where Quality is bad
	Quality     mapping.Quality
}

// results are those that wait for a link. It is safe for concurrent use.
type results struct {
	rings chan struct{} // holds one: there is something
	mu    sync.Mutex
	list  []Result
}

// queue is where results for the link of that device wait.
func (h *Hub) queue(device string) *results {
	r, _ := h.queues.LoadOrStore(device, &results{rings: make(chan struct{}, 1)})
	return r.(*results)
}

// queueOf is where those of a device go.
func (h *Hub) queueOf(device string) *results {
	if own, ok := h.queues.Load(device); ok {
		return own.(*results)
	}
	return h.queue("")
}

// Give hands results to the lanes whose tags they are, in their order. It copies them.
func (h *Hub) Give(list []Result) {
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n].Device == list[0].Device {
			n++
		}
		h.queueOf(list[0].Device).give(list[:n])
		list = list[n:]
	}
}

// Forget leaves out what waits for the link of that device, which has one of its own.
func (h *Hub) Forget(device string) {
	if own, ok := h.queues.Load(device); ok {
		own.(*results).take()
	}
}

func (r *results) give(list []Result) {
	r.mu.Lock()
	r.list = append(r.list, list...)
	if n := len(r.list) - mostResults; n > 0 {
		r.list = slices.Delete(r.list, 0, n)
	}
	r.mu.Unlock()
	select {
	case r.rings <- struct{}{}:
	default:
	}
}

func (r *results) take() []Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := r.list
	r.list = nil
	return list
}

// patience is for how long a result waits for a job that has its tag: one that was just added.
const patience = time.Minute

// place is a tag of a job.
type place struct {
	job   *drivers.Job
	index uint16
}

// given is what a link has for its jobs.
type given struct {
	places map[[2]string]place
	ready  map[*drivers.Job][]Result
	order  []*drivers.Job // that are in ready
	early  []Result       // of tags that no job has yet
	since  time.Time      // the oldest of these
}

func newGiven() given {
	return given{places: map[[2]string]place{}, ready: map[*drivers.Job][]Result{}}
}

// learn finds the tags of j.
func (g *given) learn(j *drivers.Job) {
	if j.Work.(*Plan).Codecs == nil {
		return
	}
	for i, s := range j.Current().Series {
		g.places[[2]string{j.Device.Name, s.Tag}] = place{j, uint16(i)}
	}
	early := g.early
	g.early = nil
	g.add(early)
}

func (g *given) drop(j *drivers.Job) {
	for key, p := range g.places {
		if p.job == j {
			delete(g.places, key)
		}
	}
	delete(g.ready, j)
	g.order = slices.DeleteFunc(g.order, func(o *drivers.Job) bool { return o == j })
}

// add sorts results by their jobs.
func (g *given) add(list []Result) {
	if len(g.early) > 0 && time.Since(g.since) > patience {
		g.early = nil // of tags that are gone
	}
	for _, r := range list {
		p, ok := g.places[[2]string{r.Device, r.Tag}]
		if !ok {
			if len(g.early) == 0 {
				g.since = time.Now()
			}
			if len(g.early) < mostResults {
				g.early = append(g.early, r)
			}
			continue
		}
		if len(g.ready[p.job]) == 0 {
			g.order = append(g.order, p.job)
		}
		g.ready[p.job] = append(g.ready[p.job], r)
	}
}

// mostAtOnce is how many samples go to the lane at a time.
const mostAtOnce = 10_000

// next appends results of one job to b, and returns it; nil: there are none.
func (g *given) next(b *mapping.Batch) *drivers.Job {
	if len(g.order) == 0 {
		return nil
	}
	j := g.order[0]
	list := g.ready[j]
	n := min(len(list), mostAtOnce)
	b.Group = j.Current()
	for i := range list[:n] {
		p := g.places[[2]string{list[i].Device, list[i].Tag}]
		list[i].append(b, p.index, j.Work.(*Plan).Codecs[p.index])
	}
	if n < len(list) {
		g.ready[j] = list[n:]
		return j
	}
	g.order = g.order[1:]
	delete(g.ready, j)
	return j
}

// append appends r as a sample of the tag of that index.
func (r *Result) append(b *mapping.Batch, index uint16, codec *mapping.Codec) {
	s := mapping.Sample{Time: r.Time, Index: index, Quality: r.Quality}
	if !r.Quality.IsBad() {
		codec.Float64(r.Number, b, &s)
		if r.Quality.IsUncertain() && !s.Quality.IsBad() {
			s.Quality = r.Quality
		}
	}
	b.Samples = append(b.Samples, s)
}
