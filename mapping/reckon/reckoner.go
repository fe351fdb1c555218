package reckon

import (
	"math"

	"tagbridge/mapping"
	"tagbridge/mapping/formula"
)

// Reckoner reckons tags. It is used by one goroutine.
//
// A formula of several tags is computed once for each time that its inputs have, of what they are when all of that time have
// come: when one with a later time comes, or the clock asks. One of a single tag is computed with each of its samples.
type Reckoner struct {
	tags   []*tag
	inputs []*input
	byName map[string]*input
	own    map[string]*tag
	groups map[*mapping.Group]*binding

	out    Out
	made   bool     // what the journal held at the start was made up for
	newest int64    // time of the newest sample
	gone   []orphan // states of tags that are not there
	told   []told   // what was given and is not known to be in the journal
	untold []Change // what was handed on of alarms, and may not be known to people yet
}

// tag is one that is reckoned.
type tag struct {
	Spec
	key      uint64
	index    int
	computer *mapping.Computer
	inputs   []*input
	dirty    bool
	away     bool  // see Leave
	at       int64 // the newest time of the inputs; when dirty, not computed yet
	last     Value // what the machine got last
	any      bool
	met      int64   // the time of the last of the tag's own values in the journal
	kept     bool    // it goes on from a state that was kept
	given    Value   // the last value that it gave
	gave     bool    // there is one
	begin    *string // the machine's state as it was made
}

// input is a tag of which others are reckoned.
type input struct {
	name  string
	in    *formula.Input
	feeds []*tag
	// seeded: samples that are not newer than the present value are known.
	seeded bool
}

// binding is what series of a group are to the reckoner, by index; nil: nothing.
type binding struct {
	inputs []*input
	own    []*tag
	values mapping.Inputs
	any    bool
}

// New reckons specs, of whose inputs nothing is known yet.
func New(specs []Spec) *Reckoner {
	r := &Reckoner{byName: map[string]*input{}, own: map[string]*tag{}, groups: map[*mapping.Group]*binding{}}
	begins := map[string]*string{} // most are alike
	var scratch []byte
	for i := range specs {
		t := &tag{Spec: specs[i], key: hash(specs[i].Key), index: i}
		scratch = specs[i].Machine.AppendState(scratch[:0])
		if t.begin = begins[string(scratch)]; t.begin == nil {
			text := string(scratch)
			t.begin = &text
			begins[text] = t.begin
		}
		for _, name := range t.Spec.inputs() {
			in := r.byName[name]
			if in == nil {
				in = &input{name: name, in: formula.NewInput()}
				r.byName[name] = in
				r.inputs = append(r.inputs, in)
			}
			in.feeds = append(in.feeds, t)
			t.inputs = append(t.inputs, in)
		}
		if t.Formula != nil {
			t.computer = newComputer(r, t.Formula)
		}
		r.tags = append(r.tags, t)
		r.own[t.name()] = t
	}
	return r
}

func newComputer(r *Reckoner, f *formula.Formula) *mapping.Computer {
	return mapping.NewComputer(f, func(name string) *formula.Input { return r.byName[name].in })
}

// Len is how many tags are reckoned.
func (r *Reckoner) Len() int { return len(r.tags) }

// Spec is that of tag i.
func (r *Reckoner) Spec(i int) *Spec { return &r.tags[i].Spec }

// Needs reports whether samples of a tag concern the reckoner: as an input, or as a value that it gave itself.
func (r *Reckoner) Needs(device, tag string) bool {
	name := device + "/" + tag
	return r.byName[name] != nil || r.own[name] != nil
}

// mostGroups is how many groups are remembered: those read from files come anew each time.
const mostGroups = 20_000

// bind finds the series of g.
func (r *Reckoner) bind(g *mapping.Group) *binding {
	if b, ok := r.groups[g]; ok {
		return b
	}
	if len(r.groups) >= mostGroups {
		clear(r.groups)
	}
	b := &binding{}
	if !g.Own {
		b.inputs, b.own = make([]*input, len(g.Series)), make([]*tag, len(g.Series))
		for i, s := range g.Series {
			name := g.Device + "/" + s.Tag
			b.inputs[i], b.own[i] = r.byName[name], r.own[name]
			b.any = b.any || b.inputs[i] != nil || b.own[i] != nil
		}
	}
	if b.any {
		b.values = mapping.NewInputs(g, func(tag string) *formula.Input {
			if in := r.byName[g.Device+"/"+tag]; in != nil {
				return in.in
			}
			return nil
		})
	} else {
		b.inputs, b.own = nil, nil
	}
	r.groups[g] = b
	return b
}

// Put takes a batch of the journal.
func (r *Reckoner) Put(b *mapping.Batch) {
	to := r.bind(b.Group)
	if !to.any {
		return
	}
	for i := range b.Samples {
		s := &b.Samples[i]
		if own := to.own[s.Index]; own != nil {
			r.meet(own, b, s)
		}
		if in := to.inputs[s.Index]; in != nil {
			r.take(in, to, b, s)
		}
	}
}

// take takes a sample of an input.
func (r *Reckoner) take(in *input, to *binding, b *mapping.Batch, s *mapping.Sample) {
	if in.seeded {
		if s.Time <= in.in.Time {
			return
		}
		in.seeded = false
	}
	for _, t := range in.feeds {
		if t.dirty && s.Time > t.at {
			r.compute(t)
		}
	}
	to.values.Put(b, s, s.Time)
	r.newest = max(r.newest, s.Time)
	for _, t := range in.feeds {
		r.fed(t, s.Time)
	}
}

// fed notes that an input of t has got a sample of that time.
func (r *Reckoner) fed(t *tag, at int64) {
	if t.away {
		return
	}
	if at >= t.at {
		t.at = at
	} else { // it came late, or the clock was set back
		t.at = min(t.at, t.newestInput())
	}
	if len(t.inputs) == 1 {
		t.at = at
		r.compute(t)
		return
	}
	t.dirty = true
}

// compute hands t the value of its formula.
func (r *Reckoner) compute(t *tag) {
	t.dirty = false
	v := t.value()
	if t.any && v == t.last {
		return // it was taken already
	}
	t.last, t.any = v, true
	r.out.tag = t.index
	t.Machine.Put(v, &r.out)
}

// value is that of t's formula, of its inputs as they are.
func (t *tag) value() Value {
	if t.computer == nil {
		return valueOf(t.inputs[0].in)
	}
	res := t.computer.Result(t.at)
	v := Value{Time: t.at, Quality: mapping.Quality(res.Quality)}
	v.Number = number(res.Kind, res.Bits, &v.Quality)
	return v
}

// valueOf is that of a single tag.
func valueOf(in *formula.Input) Value {
	v := Value{Time: in.Time, Quality: mapping.Quality(in.Quality)}
	v.Number = number(in.Kind, in.Bits, &v.Quality)
	return v
}

// number is a value as machines get it. One that is no number is a bad one.
func number(kind formula.Kind, bits uint64, q *mapping.Quality) float64 {
	switch kind {
	case formula.True:
		return float64(bits)
	case formula.Int:
		return float64(int64(bits))
	case formula.Float:
		return math.Float64frombits(bits)
	case formula.Words:
		*q = mapping.BadTypeMismatch
	}
	return 0
}

// meet takes a value of t itself.
func (r *Reckoner) meet(t *tag, b *mapping.Batch, s *mapping.Sample) {
	if t.away {
		return
	}
	t.met = s.Time // less than before where the clock was set back
	r.confirm(t, s.Time)
	v := Value{Time: s.Time, Quality: s.Quality}
	v.Number, _ = b.Number(s)
	t.given, t.gave = v, true
	if t.dirty {
		r.compute(t)
	}
	if !r.made { // else it was given by this run, which knows what the clock had to do with it
		r.out.tag = t.index
		t.Machine.Met(v, &r.out)
	}
}

// Tick says what time it is.
func (r *Reckoner) Tick(now int64) {
	r.setBack(now)
	for _, t := range r.tags {
		if due := t.Machine.Due(); due != 0 && due <= now {
			if t.dirty {
				r.compute(t)
			}
			r.out.tag = t.index
			t.Machine.Tick(now, &r.out)
		}
	}
}

// Away says that from at on nothing is known, until the next sample of each input; 0: from the newest sample on.
func (r *Reckoner) Away(at int64) {
	if at == 0 {
		at = r.newest
	}
	for _, t := range r.tags {
		if t.dirty {
			r.compute(t)
		}
		t.Machine.Away(at)
	}
}
