package mapping

import (
	"math"
	"slices"

	calc "tagbridge/mapping/formula"
)

// Computed is how a tag comes from other tags, or is judged by them.
type Computed struct {
	// Expr and ValidIf are formulas as the map has them; "": none. A tag with Expr is read from nowhere.
	Expr, ValidIf string
	// Value and Valid are these formulas compiled; nil: there is none, or it could not be.
	Value, Valid *calc.Formula
	// Reckoned is what is reckoned of all values of Expr; nil: the tag has its present one.
	Reckoned *Reckoned
}

// StaleAfter is for how many of its periods a value that was not read again is still one of the present.
const StaleAfter = 3

// WithoutComputed are those of tags that are read from somewhere: in a device, those that are computed come last.
func WithoutComputed(tags []*Tag) []*Tag {
	n := len(tags)
	for n > 0 && tags[n-1].IsComputed() {
		n--
	}
	return tags[:n]
}

// IsComputed reports that t has a formula in place of an address.
func (t *Tag) IsComputed() bool { return t.Computed != nil && t.Computed.Expr != "" }

// expr is the formula of t's value; "": it is read.
func (t *Tag) expr() string {
	if t.Computed == nil {
		return ""
	}
	return t.Computed.Expr
}

// ValidIf is the formula that t's values are judged by; "": they are not.
func (t *Tag) ValidIf() string {
	if t.Computed == nil {
		return ""
	}
	return t.Computed.ValidIf
}

// Inputs are the names of the tags that c needs, each once, in no order. It may be called once the formulas are compiled.
func (c *Computed) Inputs() []string {
	var names []string
	for _, f := range []*calc.Formula{c.Value, c.Valid} {
		if f == nil {
			continue
		}
		for _, n := range f.Inputs() {
			if !slices.Contains(names, n.Name) {
				names = append(names, n.Name)
			}
		}
	}
	return names
}

// sameComputed reports that the values of t and o come from the same tags in the same way.
func (t *Tag) sameComputed(o *Tag) bool {
	return t.expr() == o.expr() && t.ValidIf() == o.ValidIf() && t.sameReckoned(o) &&
		(t.Computed == o.Computed || t.Computed != nil && o.Computed != nil && t.Computed.Value.Same(o.Computed.Value) && t.Computed.Valid.Same(o.Computed.Valid))
}

// Inputs keeps the present values of tags for formulas.
type Inputs struct {
	byIndex []*calc.Input // of the series of a group; nil: no formula needs it
}

// NewInputs is for the series of g, of which input gives where the values of one are kept, or nil.
func NewInputs(g *Group, input func(tag string) *calc.Input) Inputs {
	n := Inputs{}
	for i, s := range g.Series {
		in := input(s.Tag)
		if in == nil {
			continue
		}
		if n.byIndex == nil {
			n.byIndex = make([]*calc.Input, len(g.Series))
		}
		in.Texts = nil
		if len(s.Enum) > 0 {
			in.Texts = s
		}
		n.byIndex[i] = in
	}
	return n
}

// Put takes over s, a sample of b, which came at that time; false when no formula needs it. It allocates for a text only,
// where that is another one.
func (n Inputs) Put(b *Batch, s *Sample, now int64) bool {
	if int(s.Index) >= len(n.byIndex) {
		return false
	}
	in := n.byIndex[s.Index]
	if in == nil {
		return false
	}
	fill(in, b, s)
	in.Put(now)
	return true
}

// Has reports that there was a sample of the series of s, or that no formula needs it.
func (n Inputs) Has(s *Sample) bool {
	return int(s.Index) >= len(n.byIndex) || n.byIndex[s.Index] == nil || n.byIndex[s.Index].Read()
}

// Correct is Put of a sample that was taken over already, where its quality has become another one since.
func (n Inputs) Correct(b *Batch, s *Sample, now int64) {
	if int(s.Index) < len(n.byIndex) && n.byIndex[s.Index] != nil && n.byIndex[s.Index].Quality != uint32(s.Quality) {
		n.Put(b, s, now)
	}
}

// fill writes the value of s to in.
func fill(in *calc.Input, b *Batch, s *Sample) {
	in.Quality, in.Time, in.Bits = uint32(s.Quality), s.Time, s.Bits
	switch s.Kind {
	case None:
		in.Kind = calc.None
	case Bool:
		in.Kind = calc.True
	case Int, Uint, Int64:
		in.Kind = calc.Int
	case Uint64:
		in.Kind = calc.Int
		if s.Bits > math.MaxInt64 {
			in.Kind, in.Bits = calc.Float, math.Float64bits(float64(s.Bits))
		}
	case F32:
		mant, exp := shortest32(math.Float32frombits(uint32(s.Bits)))
		in.Kind, in.Bits = calc.Float, math.Float64bits(decimalFloat(mant, exp)) // 23.1 is 23.1
	case F64:
		in.Kind = calc.Float
	case Dec:
		in.Kind, in.Bits = calc.Float, math.Float64bits(decimalFloat(int64(s.Bits), int(b.Group.Series[s.Index].Exp)))
	case Text:
		in.Kind = calc.Words
		if text := b.Text(s); string(text) != in.Text {
			in.Text = string(text)
		}
	}
}

// Number is s, a sample of b, as a number: of true 1; false where it has none.
func (b *Batch) Number(s *Sample) (v float64, ok bool) {
	if s.Kind == None || s.Kind == Text {
		return 0, false
	}
	var in calc.Input
	fill(&in, b, s)
	if in.Kind == calc.Float {
		return math.Float64frombits(in.Bits), true
	}
	return float64(int64(in.Bits)), true
}

// Computer computes one formula. It is used by one goroutine.
type Computer struct {
	formula *calc.Formula
	inputs  []*calc.Input
	past    calc.Past
	res     calc.Result
}

// NewComputer computes f, whose inputs are kept where input says.
func NewComputer(f *calc.Formula, input func(name string) *calc.Input) *Computer {
	c := &Computer{formula: f}
	for _, n := range f.Inputs() {
		c.inputs = append(c.inputs, input(n.Name))
	}
	return c
}

// Inputs are where the inputs are kept.
func (c *Computer) Inputs() []*calc.Input { return c.inputs }

// Append computes the tag of that index, and appends its sample to b. A formula that cannot be computed yet appends
// nothing: false. codec is the tag's.
func (c *Computer) Append(b *Batch, index uint16, codec *Codec, now int64) bool {
	res := &c.res
	c.formula.Eval(c.inputs, &c.past, now, res)
	if res.Quality == calc.BadWaitingForInitialData {
		return false
	}
	s := Sample{Time: res.Time, Index: index}
	switch res.Kind {
	case calc.None:
		noValue(&s, Quality(res.Quality).Base())
	case calc.True:
		codec.Bit(res.Bits == 1, b, &s)
	case calc.Int:
		codec.Int64(int64(res.Bits), b, &s)
	case calc.Float:
		codec.Float64(math.Float64frombits(res.Bits), b, &s)
	case calc.Words:
		codec.Text([]byte(res.Text), b, &s)
	}
	if q := Quality(res.Quality); q.IsUncertain() && !s.Quality.IsBad() {
		s.Quality = q
	}
	if s.Time == 0 {
		s.Time = now
	}
	b.Samples = append(b.Samples, s)
	return true
}

// Result computes the formula at the time now. What it returns is valid until the next call.
func (c *Computer) Result(now int64) *calc.Result {
	c.formula.Eval(c.inputs, &c.past, now, &c.res)
	return &c.res
}

// AppendPast appends what the formula remembers of values before to dst.
func (c *Computer) AppendPast(dst []byte) []byte { return c.formula.AppendPast(dst, &c.past) }

// ParsePast takes over what AppendPast has written at the beginning of b, and returns what follows.
func (c *Computer) ParsePast(b []byte) ([]byte, error) { return c.formula.ParsePast(b, &c.past) }

// Remembers reports that what is computed depends on values before.
func (c *Computer) Remembers() bool { return c.formula.Remembers() }

// Key tells the formula from others.
func (c *Computer) Key() uint64 { return c.formula.Key() }

// AppendMemory appends to dst what the next process needs to go on.
func (c *Computer) AppendMemory(dst []byte) []byte {
	return c.formula.AppendMemory(dst, &c.past)
}

// ParseMemory goes on from b, all that AppendMemory has written, before anything is computed.
func (c *Computer) ParseMemory(b []byte) error { return c.formula.ParseMemory(b, c.inputs, &c.past) }

// Recalls are the names of those inputs of which the formula remembers something.
func (c *Computer) Recalls() (names []string) {
	for _, i := range c.formula.Recalls() {
		names = append(names, c.formula.Inputs()[i].Name)
	}
	return names
}

// Recall takes over s of b, a sample of the input of that name that the process before has read, in the order in which it did, before
// anything is computed; computed: the formula was computed with it.
func (c *Computer) Recall(name string, b *Batch, s *Sample, computed bool) {
	for i, n := range c.formula.Inputs() {
		if n.Name == name {
			var seen calc.Input
			fill(&seen, b, s)
			c.formula.Recall(i, &seen, computed, c.inputs, &c.past)
		}
	}
}

// Holds computes a formula of type Bool: whether it holds, and its quality.
func (c *Computer) Holds(now int64) (bool, Quality) {
	holds := c.formula.Holds(c.inputs, &c.past, now, &c.res)
	return holds, Quality(c.res.Quality)
}

// Fed is what a computer was fed with: what is computed is the same while this is.
type Fed struct {
	Samples uint64 // of all inputs
	Stale   int    // inputs whose values are of the past
	Time    int64  // now, where the value changes with time alone; else 0
}

// Fed adds to f what c is fed with at the time now.
func (c *Computer) Fed(f *Fed, now int64) {
	for _, in := range c.inputs {
		f.Samples += in.Samples()
		if in.Stale(now) {
			f.Stale++
		}
	}
	if c.formula.Timely() {
		f.Time = now
	}
}

// Why says why the last result was not good; "": it was.
func (c *Computer) Why() string {
	switch res := &c.res; {
	case res.Quality == calc.Good:
		return ""
	case res.Input >= 0:
		return c.formula.Inputs()[res.Input].Name + " is " + Quality(res.Quality).String()
	default:
		return res.Why
	}
}
