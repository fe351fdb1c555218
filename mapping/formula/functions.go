package formula

import (
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/expr-lang/expr/ast"
)

// function is one that formulas can call.
type function struct {
	least, most int // arguments
	compile     func(c *compiler, n *ast.CallNode) part
}

var functions map[string]function

// functionNames are those of functions, sorted.
var functionNames []string

func init() { // they call each other by the table
	functions = map[string]function{
		"abs":           {1, 1, (*compiler).abs},
		"min":           {1, 100, extreme(-1)},
		"max":           {1, 100, extreme(1)},
		"round":         {1, 2, (*compiler).round},
		"floor":         {1, 1, rounding(math.Floor)},
		"ceil":          {1, 1, rounding(math.Ceil)},
		"sqrt":          {1, 1, float(math.Sqrt)},
		"exp":           {1, 1, float(math.Exp)},
		"log":           {1, 1, float(math.Log)},
		"pow":           {2, 2, (*compiler).pow},
		"good":          {1, 100, (*compiler).good},
		"value_or":      {2, 2, (*compiler).valueOr},
		"bit":           {2, 2, (*compiler).bit},
		"text":          {1, 1, (*compiler).textOf},
		"previous":      {1, 1, (*compiler).previousOf},
		"seconds_since": {1, 1, (*compiler).secondsSince},
	}
	functionNames = slices.Sorted(maps.Keys(functions))
}

func (c *compiler) call(n *ast.CallNode) part {
	callee, _ := n.Callee.(*ast.IdentifierNode)
	if callee == nil {
		return c.fail(n, "a formula cannot have this")
	}
	f, ok := functions[callee.Value]
	switch {
	case !ok:
		return c.fail(n, "this cannot be called: is an operator missing before the bracket?")
	case len(n.Arguments) < f.least || len(n.Arguments) > f.most:
		return c.fail(n, "%s takes %s, not %d", callee.Value, arguments(f.least, f.most), len(n.Arguments))
	}
	return f.compile(c, n)
}

func arguments(least, most int) string {
	number := func(n int) string { return [...]string{"no", "one", "two"}[n] }
	switch {
	case most > 2:
		return "1 to " + strconv.Itoa(most) + " values"
	case least == 1 && most == 1:
		return "one value"
	case least == most:
		return number(least) + " values"
	}
	return number(least) + " or " + number(most) + " values"
}

// float is a function of floats.
func float(f func(float64) float64) func(*compiler, *ast.CallNode) part {
	return func(c *compiler, n *ast.CallNode) part {
		x := c.want(n.Arguments[0], Number).num
		return numeric(func(r *run) number { return r.finite(f(x(r).float())) })
	}
}

func rounding(to func(float64) float64) func(*compiler, *ast.CallNode) part {
	return func(c *compiler, n *ast.CallNode) part {
		x := c.want(n.Arguments[0], Number).num
		return numeric(func(r *run) number { return integral(x(r), to) })
	}
}

// round rounds to whole numbers, or to so many decimals; halves go away from zero.
func (c *compiler) round(n *ast.CallNode) part {
	if len(n.Arguments) == 1 {
		return rounding(math.Round)(c, n)
	}
	x := c.want(n.Arguments[0], Number).num
	d, ok := n.Arguments[1].(*ast.IntegerNode)
	if !ok || d.Value < 0 || d.Value > 15 {
		return c.fail(n.Arguments[1], "the number of decimals is a number from 0 to 15")
	}
	scale := pow10[d.Value]
	return numeric(func(r *run) number {
		v := x(r)
		if v.whole || math.Abs(v.f) >= 1<<53 {
			return v
		}
		return number{f: integral(number{f: v.f * scale}, math.Round).float() / scale}
	})
}

func (c *compiler) abs(n *ast.CallNode) part {
	x := c.want(n.Arguments[0], Number).num
	return numeric(func(r *run) number {
		v := x(r)
		if v.float() < 0 {
			return r.neg(v)
		}
		return v
	})
}

// extreme is the argument furthest to that side.
func extreme(side int) func(*compiler, *ast.CallNode) part {
	return func(c *compiler, n *ast.CallNode) part {
		var each []func(*run) number
		for _, a := range n.Arguments {
			each = append(each, c.want(a, Number).num)
		}
		return numeric(func(r *run) number {
			best := each[0](r)
			for _, x := range each[1:] {
				if v := x(r); compare(v, best) == side {
					best = v
				}
			}
			return best
		})
	}
}

func (c *compiler) pow(n *ast.CallNode) part {
	a, b := c.want(n.Arguments[0], Number).num, c.want(n.Arguments[1], Number).num
	return numeric(func(r *run) number { return r.pow(a(r), b(r)) })
}

// good reports that all arguments have values which are good; it is so itself.
func (c *compiler) good(n *ast.CallNode) part {
	var each []func(*run)
	for _, a := range n.Arguments {
		each = append(each, c.part(a).compute())
	}
	return logical(func(r *run) bool {
		before := r.verdict()
		r.begin()
		for _, compute := range each {
			compute(r)
		}
		ok := r.quality>>30 == 0
		r.restore(before)
		return ok
	})
}

// compute computes p for what it does to the quality.
func (p part) compute() func(*run) {
	switch p.typ {
	case Number:
		return func(r *run) { p.num(r) }
	case Bool:
		return func(r *run) { p.truth(r) }
	case Text:
		return func(r *run) { p.text(r) }
	}
	return func(r *run) { p.unknown(r, &Result{}) }
}

// valueOr is its first argument, where that is not bad, else its second.
func (c *compiler) valueOr(n *ast.CallNode) part {
	a, b, t := c.same(n.Arguments[0], n.Arguments[1])
	p := part{typ: t, input: -1}
	p.num = func(r *run) number { return either(r, a.num, b.num) }
	p.truth = func(r *run) bool { return either(r, a.truth, b.truth) }
	p.text = func(r *run) string { return either(r, a.text, b.text) }
	p.unknown = func(r *run, res *Result) {
		compute := func(p part) func(*run) Result {
			return func(r *run) Result { res := Result{}; p.result()(r, &res); return res }
		}
		v := either(r, compute(a), compute(b))
		res.Kind, res.Bits, res.Text = v.Kind, v.Bits, v.Text
	}
	return p
}

// either is a, or where that is bad b.
func either[T any](r *run, a, b func(*run) T) T {
	before := r.verdict()
	if isBad(before.quality) {
		return a(r) // it is lost already
	}
	v := a(r)
	if !isBad(r.quality) {
		return v
	}
	r.restore(before)
	return b(r)
}

// bit is a bit of a whole number.
func (c *compiler) bit(n *ast.CallNode) part {
	x, at := c.want(n.Arguments[0], Number).num, c.want(n.Arguments[1], Number).num
	if k, ok := n.Arguments[1].(*ast.IntegerNode); ok && (k.Value < 0 || k.Value > 63) {
		return c.fail(n.Arguments[1], "a bit is one of 0 to 63, and 0 the least significant")
	}
	return logical(func(r *run) bool {
		v, k := x(r), at(r)
		switch {
		case !v.whole:
			r.fail(BadNoData, "a bit of a number that is not whole")
			return false
		case !k.whole || k.i < 0 || k.i > 63:
			r.fail(BadNoData, "a bit is one of 0 to 63")
			return false
		}
		return uint64(v.i)>>uint(k.i)&1 == 1
	})
}

// inputOf is the tag that the only argument has to be.
func (c *compiler) inputOf(n *ast.CallNode, name string) int {
	p := c.part(n.Arguments[0])
	if c.err == nil && p.input < 0 {
		c.fail(n.Arguments[0], "%s takes the name of a tag", name)
	}
	return max(0, p.input)
}

func (c *compiler) textOf(n *ast.CallNode) part {
	i := c.inputOf(n, "text")
	return part{typ: Text, input: -1, text: func(r *run) string { return asText(r.read(i)) }}
}

// previousOf is the value of a tag that the formula was computed with before the present one.
func (c *compiler) previousOf(n *ast.CallNode) part {
	i := c.inputOf(n, "previous")
	if c.err != nil {
		return nothing(Unknown)
	}
	f := c.formula
	if !slices.Contains(f.previous, i) {
		f.previous = append(f.previous, i)
	}
	before := func(r *run) *Input {
		in := &r.past.before[i]
		if in.Kind == None {
			r.lack(i)
		}
		return in
	}
	p := part{typ: f.inputs[i].Type, input: -1}
	p.num = func(r *run) number { return r.number(before(r), i) }
	p.truth = func(r *run) bool { return r.truth(before(r), i) }
	p.text = func(r *run) string { return r.words(before(r), i) }
	p.unknown = func(r *run, res *Result) {
		in := before(r)
		res.Kind, res.Bits, res.Text = in.Kind, in.Bits, in.Text
	}
	return p
}

// lack notes that there has been no earlier value of input i.
func (r *run) lack(i int) {
	if !isBad(r.quality) {
		r.quality, r.input, r.why = BadWaitingForInitialData, i, ""
	}
}

// secondsSince is how long ago the last value of a tag was taken: also of one that is bad now. Of previous(x), that of
// the value before.
func (c *compiler) secondsSince(n *ast.CallNode) part {
	c.formula.timely = true
	if p, ok := n.Arguments[0].(*ast.CallNode); ok && isPrevious(p) {
		i := c.inputOf(p, "previous")
		c.previousOf(p)
		return numeric(func(r *run) number { return r.since(r.past.before[i].valued, i) })
	}
	i := c.inputOf(n, "seconds_since")
	if c.err == nil && !slices.Contains(c.formula.timed, i) {
		c.formula.timed = append(c.formula.timed, i)
	}
	return numeric(func(r *run) number { return r.since(r.in[i].valued, i) })
}

func isPrevious(n *ast.CallNode) bool {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	return ok && callee.Value == "previous" && len(n.Arguments) == 1
}

func (r *run) since(at int64, i int) number {
	if at == 0 {
		r.lack(i)
		return number{}
	}
	return number{f: float64(max(0, r.now-at)) / 1e9}
}
