package drivers

import (
	"slices"
	"sync"

	"tagbridge/mapping"
)

// Compute is what of a job is computed, or judged, from values of its device. It is its lane's, but for Err.
type Compute struct {
	values   *Values
	tags     []*mapping.Tag   // of the job as it was compiled
	codecs   []*mapping.Codec // of those that are computed, which are the last
	group    *mapping.Group   // what the rest is for
	inputs   mapping.Inputs
	computed []computedTag
	judges   []*judge // by index; nil: none
	held     []*judge // that have a sample to be judged

	memory memory

	mu       sync.Mutex // of the lane, the only one that changes them, needed to change them
	why      map[uint16]string
	reckoned []uint16 // indexes of tags that come from elsewhere, in order
}

// idle reports that there is nothing to compute: what the job has comes by itself, in its time.
func (c *Compute) idle() bool { return c != nil && c.values.lazy && len(c.computed) == 0 }

// Values are what it computes with.
func (c *Compute) Values() *Values { return c.values }

type computedTag struct {
	*mapping.Computer
	index uint16
	codec *mapping.Codec
	fed   mapping.Fed // when it was computed
	done  bool        // it was
}

// due reports that t may have become another value since it was computed. fresh: there is something new to compute it of.
func (c *Compute) due(t *computedTag, now int64) (due, fresh bool) {
	var fed mapping.Fed
	t.Fed(&fed, now)
	if j := c.judges[t.index]; j != nil {
		j.Fed(&fed, now)
	}
	due = !t.done || fed != t.fed
	fresh = fed.Samples != t.fed.Samples || fed.Time != 0
	t.fed, t.done = fed, true
	return due, fresh
}

// judge decides whether the samples of a tag are valid.
type judge struct {
	*mapping.Computer
	sample mapping.Sample // the last one
	text   []byte         // of it
	any    bool           // there was one
	held   bool           // and it waits for being judged
}

// NewCompute is for a job of tags, whose group is g; nil where v is. Tags that are computed are the last, in an order in
// which each comes after those that it is computed from; codecs are theirs.
func NewCompute(v *Values, g *mapping.Group, tags []*mapping.Tag, codecs []*mapping.Codec) *Compute {
	if v == nil {
		return nil
	}
	c := &Compute{values: v, tags: tags, codecs: codecs, why: map[uint16]string{}}
	c.bind(g)
	return c
}

// bind finds the tags in g. What formulas remember they go on from.
func (c *Compute) bind(g *mapping.Group) {
	c.memory.Lock()
	defer c.memory.Unlock()
	var text []byte
	if c.memory.any {
		text = c.appendMemory(nil)
	}
	defer func() { c.recall(text) }()
	c.group, c.inputs = g, mapping.NewInputs(g, c.values.ofOwn)
	c.computed, c.held = nil, nil
	var reckoned []uint16
	c.judges = make([]*judge, len(g.Series))
	index := make(map[string]int, len(g.Series))
	for i, s := range g.Series {
		index[s.Tag] = i
	}
	for k, t := range c.tags {
		i, there := index[t.Name]
		if !there || t.Computed == nil {
			continue
		}
		if t.IsReckoned() {
			reckoned = append(reckoned, uint16(i))
		} else if f := t.Computed.Value; f != nil {
			c.computed = append(c.computed, computedTag{
				Computer: mapping.NewComputer(f, c.values.Input), index: uint16(i), codec: c.codecs[k-len(c.tags)+len(c.codecs)],
			})
		}
		if f := t.Computed.Valid; f != nil {
			c.judges[i] = &judge{Computer: mapping.NewComputer(f, c.values.Input)}
		}
	}
	c.mu.Lock()
	clear(c.why)
	slices.Sort(reckoned)
	c.reckoned = reckoned
	c.mu.Unlock()
}

// forget has everything be computed as if nothing had been read yet, previous values too.
func (c *Compute) forget() {
	if c == nil {
		return
	}
	c.values.forget()
	c.memory.any = false
	c.bind(c.group)
}

// take takes over the samples of b from the index on, which an exchange brought. Those that have to be judged are taken
// out of b, until finish.
func (c *Compute) take(b *mapping.Batch, from int, now int64) {
	if c.group != b.Group {
		c.bind(b.Group)
	}
	kept := b.Samples[:from]
	for i := from; i < len(b.Samples); i++ {
		s := b.Samples[i]
		c.inputs.Put(b, &s, now)
		if j := c.judges[s.Index]; j != nil {
			c.hold(j, b, &s)
			continue
		}
		kept = append(kept, s)
	}
	b.Samples = kept
}

func (c *Compute) hold(j *judge, b *mapping.Batch, s *mapping.Sample) {
	j.sample, j.any = *s, true
	if s.Kind == mapping.Text {
		j.text = append(j.text[:0], b.Text(s)...)
	}
	if !j.held {
		j.held = true
		c.held = append(c.held, j)
	}
}

// finish appends to b what was held back, as it is judged, and then what is computed.
func (c *Compute) finish(b *mapping.Batch, now int64) {
	if c.memory.any {
		c.memory.Lock()
		defer c.memory.Unlock()
	}
	first := len(b.Samples)
	for _, j := range c.held {
		j.held = false
		c.judge(j, b, now)
	}
	c.held = c.held[:0]
	for i := first; i < len(b.Samples); i++ {
		c.inputs.Correct(b, &b.Samples[i], now)
	}
	for i := range c.computed {
		t := &c.computed[i]
		fresh := true
		if c.values.lazy {
			var due bool
			if due, fresh = c.due(t, now); !due {
				continue
			}
		}
		if !t.Append(b, t.index, t.codec, now) {
			c.explain(t.index, t.Why())
			continue
		}
		s := &b.Samples[len(b.Samples)-1]
		if !fresh {
			s.Time = now // that it is too old is news of now
		}
		c.explain(t.index, t.Why())
		c.inputs.Put(b, s, now)
		if j := c.judges[t.index]; j != nil {
			one := *s
			b.Samples = b.Samples[:len(b.Samples)-1]
			j.sample, j.any = one, true
			if one.Kind == mapping.Text {
				j.text = append(j.text[:0], b.Text(&one)...)
			}
			c.judge(j, b, now)
		}
	}
}

// wait appends for each computed tag that has no sample among b's from the index on that its inputs were not read.
func (c *Compute) wait(b *mapping.Batch, from int) {
	there := map[uint16]bool{}
	for _, s := range b.Samples[from:] {
		there[s.Index] = true
	}
	for i := range c.computed {
		if t := &c.computed[i]; !there[t.index] {
			b.Samples = append(b.Samples, mapping.Sample{Quality: mapping.BadWaitingForInitialData, Index: t.index})
		}
	}
	for _, index := range c.reckoned {
		b.Samples = append(b.Samples, mapping.Sample{Quality: mapping.BadWaitingForInitialData, Index: index})
	}
}

// notYet is why a window or a total has no value.
const notYet = "it is reckoned from what the journal takes, a window at its end: no value is known yet, and none can be read at once"

// judge appends the last sample of a tag, as far as it is valid.
func (c *Compute) judge(j *judge, b *mapping.Batch, now int64) {
	s := j.sample
	if s.Kind == mapping.Text {
		b.PutText(&s, j.text)
	}
	if !s.Quality.IsBad() {
		holds, q := j.Holds(now)
		why := ""
		switch {
		case q.IsBad() && q.Base() != mapping.BadWaitingForInitialData:
			s.Kind, s.Bits, s.Quality, why = mapping.None, 0, q.Base(), "valid_if: "+j.Why()
		case !holds:
			s.Kind, s.Bits, s.Quality, why = mapping.None, 0, mapping.BadNoData, "valid_if does not hold"
			if q.IsBad() {
				why = "valid_if: " + j.Why()
			}
		}
		c.explain(s.Index, why)
	}
	b.Samples = append(b.Samples, s)
}

// again holds back the last samples of all tags that are judged: what judges them may have changed.
func (c *Compute) again() {
	if c.values.lazy {
		return // these are computed, and are judged with that
	}
	for _, j := range c.judges {
		if j != nil && j.any && !j.held {
			j.held = true
			c.held = append(c.held, j)
		}
	}
}

func (c *Compute) explain(index uint16, why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if why == "" {
		delete(c.why, index)
		return
	}
	c.why[index] = why
}

// err says why tag index is bad, where that is for a formula; "": for none.
func (c *Compute) err(index int) string {
	if c == nil {
		return ""
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if why := c.why[uint16(index)]; why != "" || !c.has(uint16(index)) {
		return why
	}
	return notYet
}

// IsReckoned reports that tag index is a window or a total, which comes from what the journal takes. It may be called at any time.
func (c *Compute) IsReckoned(index int) bool {
	if c == nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.has(uint16(index))
}

// has reports that tag index is reckoned. The caller holds mu.
func (c *Compute) has(index uint16) bool {
	_, found := slices.BinarySearch(c.reckoned, index)
	return found
}

// compute takes the samples of j in the batch from the index on, which came at end, and at the end of a round appends
// what is computed of them.
func (o *outbox) compute(j *Job, from int, ended bool, end moment) {
	if j.Compute == nil {
		return
	}
	j.Compute.take(o.batch, from, end.wall)
	if ended {
		before := len(o.batch.Samples)
		j.Compute.finish(o.batch, end.wall)
		o.added(before, end.mono, end.wall)
	}
}
