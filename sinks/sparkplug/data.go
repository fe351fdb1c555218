package sparkplug

import (
	"slices"

	"tagbridge/mapping"
	"tagbridge/sinks"
	"tagbridge/sinks/message"
)

// work is the view that messages are made of, and how far they are.
type work struct {
	v         *sinks.View
	batch, at int  // where the next sample is
	done      int  // samples of v before it
	fresh     bool // nothing was made or passed over since the introduction that it asked for: asking again is of no use
	run       run
	order     []int32 // memory of run
}

// run is samples side by side of one device that are published without more ado, in as many messages as they need.
type run struct {
	samples []mapping.Sample
	batch   *mapping.Batch
	bound   *binding
	order   []int32 // in which they are published; nil: as they are
	at      int     // how many are dealt with
	from    int     // where they begin in the batch
	start   int     // and in the view
}

// verdict is what becomes of a sample.
type verdict uint8

const (
	publish verdict = iota
	pass            // it says nothing that the other side does not know
	unfit           // its device cannot be born
	ask             // only after an introduction can it be published
	askType         // the same, because of its type
	askLeft         // the same, and perhaps its tag is gone
)

// nextData makes the next message of the view.
func (n *Node) nextData(m *message.Message) bool {
	w := &n.work
	for {
		if w.run.at < len(w.run.samples) {
			if n.nextOfRun(m) {
				return true
			}
			continue
		}
		if w.batch == len(w.v.Batches) {
			return false
		}
		b := &w.v.Batches[w.batch]
		switch {
		case w.at == len(b.Samples):
			w.batch, w.at = w.batch+1, 0
		case b.Group.Own:
			if n.own(m, b) {
				return true
			}
		default:
			n.nextRun(b)
		}
		if n.asks != 0 {
			return false
		}
	}
}

// step goes on by k samples.
func (w *work) step(k int) {
	w.at += k
	w.done += k
	w.fresh = false
}

// nextRun decides what becomes of the samples of b that come next: a run, one that is passed over, or the node asks.
func (n *Node) nextRun(b *mapping.Batch) {
	w := &n.work
	bound := n.bind(b.Group)
	rest := b.Samples[w.at:]
	k, ordered, last := 0, true, int64(none)
	for k < len(rest) && n.verdict(bound, &rest[k]) == publish {
		s := &rest[k]
		ordered = ordered && s.Time >= last
		last = s.Time
		if k++; n.ends(bound.metrics[s.Index], s) {
			break
		}
	}
	if k == 0 {
		n.settle(bound, &rest[0])
		return
	}
	w.run = run{samples: rest[:k], batch: b, bound: bound, from: w.at, start: w.done}
	if !ordered {
		w.run.order = w.inOrder(rest[:k])
	}
}

// inOrder is the order of the times of samples: what is no history goes out chronologically.
func (w *work) inOrder(samples []mapping.Sample) []int32 {
	w.order = w.order[:0]
	for i := range samples {
		w.order = append(w.order, int32(i))
	}
	slices.SortStableFunc(w.order, func(i, j int32) int {
		a, b := samples[i].Time, samples[j].Time
		switch {
		case a < b:
			return -1
		case a > b:
			return 1
		}
		return 0
	})
	return w.order
}

// verdict decides about s; it changes nothing.
func (n *Node) verdict(bound *binding, s *mapping.Sample) verdict {
	m, d := bound.metrics[s.Index], bound.device
	some := s.Kind != mapping.None
	switch {
	case m.born && d.alive && some && m.holds(s):
		return publish
	case m.born && d.alive && !some:
		if s.Quality.Base() == mapping.BadOutOfService && m.generation == n.generation && n.mayHaveLeft(m) {
			return askLeft
		}
		return publish
	case d.refused > 0:
		return unfit
	case !some && (d.online == offline || s.Quality.Base() == mapping.BadOutOfService || n.work.fresh):
		return pass
	case some && m.born && !m.holds(s):
		return askType
	case n.work.fresh:
		return unfit
	}
	return ask
}

// leaving is how long a tag that is out of service, and is there all the same, is not asked about again.
const leaving = 60_000

// mayHaveLeft reports that it is time to ask whether a tag is still there: one that is taken away ends with
// BadOutOfService, and so may a node of OPC UA that stays.
func (n *Node) mayHaveLeft(m *metric) bool {
	return !n.work.fresh && (m.left == none || n.o.Now().UnixMilli()-m.left >= leaving)
}

// ends reports that s is the last sample of a tag that is gone: see mapping.BadOutOfService.
func (n *Node) ends(m *metric, s *mapping.Sample) bool {
	return s.Kind == mapping.None && s.Quality.Base() == mapping.BadOutOfService && m.wanted && m.generation != n.generation
}

// settle deals with s, which comes next and is not published at once.
func (n *Node) settle(bound *binding, s *mapping.Sample) {
	w := &n.work
	m, d := bound.metrics[s.Index], bound.device
	v := n.verdict(bound, s)
	switch v {
	case pass:
		w.step(1)
		return
	case unfit:
		n.unfit = append(n.unfit, w.done)
		w.step(1)
		return
	case askLeft:
		m.left, m.wanted = n.o.Now().UnixMilli(), false
	default:
		if !m.holds(s) && s.Kind != mapping.None {
			n.retype(m, typeOf(s))
		}
		m.wanted, d.wanted = true, d.wanted || s.Kind != mapping.None
		d.lent = d.lent || !d.alive && s.Kind != mapping.None && w.v.Inherited()
		n.wantAll(bound)
	}
	n.asks, n.asked = AskNow, true
	if v == askType {
		n.asks = AskType
	}
}

// wantAll has births have every tag of an unborn group whose samples are on their way: they come one after the other.
func (n *Node) wantAll(bound *binding) {
	for _, m := range bound.metrics {
		if !m.born && m.generation != n.generation {
			m.wanted = true
		}
	}
}
