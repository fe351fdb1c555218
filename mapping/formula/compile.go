package formula

import (
	"slices"
	"strconv"

	"github.com/expr-lang/expr/ast"
)

// part computes a part of a formula. The function of its type is there; all of them, and unknown, when that is Unknown.
type part struct {
	typ     Type
	num     func(*run) number
	truth   func(*run) bool
	text    func(*run) string
	unknown func(*run, *Result)
	input   int // index of the name that it is, else -1
}

// compiler turns what was parsed into functions.
type compiler struct {
	lexer   *lexer
	formula *Formula
	err     *Error // the first
	parts   int    // so far: how long it takes to compute, as the middle of 1 < x < 2 is computed twice
}

// nothing is the part in place of one that is wrong.
func nothing(t Type) part {
	return part{typ: t, input: -1, num: func(*run) number { return number{} }, truth: func(*run) bool { return false },
		text: func(*run) string { return "" }, unknown: func(*run, *Result) {}}
}

func (c *compiler) fail(n ast.Node, format string, args ...any) part {
	if c.err == nil {
		c.err = errorf(c.lexer.place(n.Location().From), format, args...)
	}
	return nothing(Unknown)
}

func (c *compiler) part(n ast.Node) part {
	if c.err != nil {
		return nothing(Unknown)
	}
	if c.parts++; c.parts > maxParts {
		return c.fail(n, "the formula takes too long to compute: make several tags of it")
	}
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return c.name(n)
	case *ast.IntegerNode:
		v := whole(int64(n.Value))
		return numeric(func(*run) number { return v })
	case *ast.FloatNode:
		v := number{f: n.Value}
		return numeric(func(*run) number { return v })
	case *ast.BoolNode:
		v := n.Value
		return logical(func(*run) bool { return v })
	case *ast.StringNode:
		v := n.Value
		return part{typ: Text, input: -1, text: func(*run) string { return v }}
	case *ast.UnaryNode:
		return c.unary(n)
	case *ast.BinaryNode:
		return c.binary(n)
	case *ast.ConditionalNode:
		return c.conditional(n)
	case *ast.CallNode:
		return c.call(n)
	case *ast.ArrayNode:
		return c.fail(n, "a list is only for in, as in: x in [1, 2]")
	}
	return c.fail(n, "a formula cannot have this")
}

func numeric(f func(*run) number) part { return part{typ: Number, num: f, input: -1} }

func logical(f func(*run) bool) part { return part{typ: Bool, truth: f, input: -1} }

// name is an input.
func (c *compiler) name(n *ast.IdentifierNode) part {
	i, err := strconv.Atoi(n.Value[1:])
	if n.Value[0] != '_' || err != nil {
		return c.fail(n, "%s has no value", n.Value)
	}
	p := part{typ: c.formula.inputs[i].Type, input: i}
	p.num = func(r *run) number { return r.number(r.read(i), i) }
	p.truth = func(r *run) bool { return r.truth(r.read(i), i) }
	p.text = func(r *run) string { return r.words(r.read(i), i) }
	p.unknown = func(r *run, res *Result) {
		in := r.read(i)
		res.Kind, res.Bits, res.Text = in.Kind, in.Bits, in.Text
	}
	return p
}

// want is n, which has to be of type t.
func (c *compiler) want(n ast.Node, t Type) part {
	p := c.part(n)
	if c.err == nil && p.typ != t && p.typ != Unknown {
		c.fail(n, "%s is needed here, and this is %s%s", t, p.typ, mend(p.typ, t))
		return nothing(t)
	}
	return p
}

// mend says how one type is made of another.
func mend(is, wanted Type) string {
	switch {
	case is == Number && wanted == Bool:
		return ": compare it, as in x != 0"
	case is == Bool && wanted == Number:
		return ": write (x ? 1 : 0)"
	}
	return ""
}

// same has a and b, the parts of na and nb, agree in one type, which it returns.
func (c *compiler) same(na, nb ast.Node) (a, b part, t Type) {
	a, b = c.part(na), c.part(nb)
	switch {
	case a.typ == Unknown:
		return a, b, b.typ
	case b.typ == Unknown || a.typ == b.typ:
		return a, b, a.typ
	}
	c.fail(nb, "this is %s, and the other one is %s%s", b.typ, a.typ, mend(b.typ, a.typ))
	return nothing(Unknown), nothing(Unknown), Unknown
}

func (c *compiler) unary(n *ast.UnaryNode) part {
	switch n.Operator {
	case "-":
		x := c.want(n.Node, Number).num
		return numeric(func(r *run) number { return r.neg(x(r)) })
	case "+":
		return numeric(c.want(n.Node, Number).num)
	}
	x := c.want(n.Node, Bool).truth
	return logical(func(r *run) bool { return !x(r) })
}

func (c *compiler) binary(n *ast.BinaryNode) part {
	switch n.Operator {
	case "and", "&&":
		a, b := c.want(n.Left, Bool).truth, c.want(n.Right, Bool).truth
		return logical(func(r *run) bool { return a(r) && b(r) })
	case "or", "||":
		a, b := c.want(n.Left, Bool).truth, c.want(n.Right, Bool).truth
		return logical(func(r *run) bool { return a(r) || b(r) })
	case "==", "!=":
		return c.equal(n)
	case "<", "<=", ">", ">=":
		return c.ordered(n)
	case "in":
		return c.in(n)
	case "..":
		return c.fail(n, "a range is only for in, as in: x in 1..5")
	}
	op, ok := arithmetic[n.Operator]
	if !ok {
		return c.fail(n, "a formula does not have %s", n.Operator)
	}
	a, b := c.want(n.Left, Number).num, c.want(n.Right, Number).num
	return numeric(func(r *run) number { return op(r, a(r), b(r)) })
}

var arithmetic = map[string]func(r *run, a, b number) number{
	"+": (*run).add, "-": (*run).sub, "*": (*run).mul, "/": (*run).div, "%": (*run).mod, "**": (*run).pow, "^": (*run).pow,
}

func (c *compiler) ordered(n *ast.BinaryNode) part {
	a, b := c.want(n.Left, Number).num, c.want(n.Right, Number).num
	var holds func(int) bool
	switch n.Operator {
	case "<":
		holds = func(d int) bool { return d < 0 }
	case "<=":
		holds = func(d int) bool { return d <= 0 }
	case ">":
		holds = func(d int) bool { return d > 0 }
	default:
		holds = func(d int) bool { return d >= 0 }
	}
	return logical(func(r *run) bool { return holds(compare(a(r), b(r))) })
}

func (c *compiler) equal(n *ast.BinaryNode) part {
	a, b, t := c.same(n.Left, n.Right)
	is := equality(a, b, t)
	if n.Operator == "!=" {
		return logical(func(r *run) bool { return !is(r) })
	}
	return logical(is)
}

// equality compares parts of type t.
func equality(a, b part, t Type) func(*run) bool {
	switch t {
	case Bool:
		return func(r *run) bool { return a.truth(r) == b.truth(r) }
	case Text:
		return func(r *run) bool { return a.text(r) == b.text(r) }
	}
	return func(r *run) bool { return compare(a.num(r), b.num(r)) == 0 }
}

// in is x in [a, b] and x in a..b: nothing is made of a range.
func (c *compiler) in(n *ast.BinaryNode) part {
	if to, ok := n.Right.(*ast.BinaryNode); ok && to.Operator == ".." {
		x, a, b := c.want(n.Left, Number).num, c.want(to.Left, Number).num, c.want(to.Right, Number).num
		return logical(func(r *run) bool {
			v, low, high := x(r), a(r), b(r)
			return compare(v, low) >= 0 && compare(v, high) <= 0 && compare(r.mod(v, whole(1)), whole(0)) == 0
		})
	}
	list, ok := n.Right.(*ast.ArrayNode)
	if !ok {
		return c.fail(n.Right, "after in comes a list or a range: [1, 2] or 1..5")
	}
	if len(list.Nodes) == 0 {
		return c.fail(n.Right, "the list is empty")
	}
	x, t := c.part(n.Left), Unknown
	var each []part
	for _, e := range list.Nodes {
		p := c.part(e)
		if x.typ != Unknown && p.typ != Unknown && p.typ != x.typ || t != Unknown && p.typ != Unknown && p.typ != t {
			return c.fail(e, "this is %s, and it is compared with %s", p.typ, max(t, x.typ))
		}
		each, t = append(each, p), max(t, p.typ, x.typ)
	}
	return logical(oneOf(x, each, t))
}

// oneOf reports that x equals one of each, all of type t.
func oneOf(x part, each []part, t Type) func(*run) bool {
	switch t {
	case Bool:
		return func(r *run) bool {
			v := x.truth(r)
			return slices.ContainsFunc(each, func(p part) bool { return p.truth(r) == v })
		}
	case Text:
		return func(r *run) bool {
			v := x.text(r)
			return slices.ContainsFunc(each, func(p part) bool { return p.text(r) == v })
		}
	}
	return func(r *run) bool {
		v := x.num(r)
		return slices.ContainsFunc(each, func(p part) bool { return compare(p.num(r), v) == 0 })
	}
}

// conditional computes one branch only: what the other needs does not count.
func (c *compiler) conditional(n *ast.ConditionalNode) part {
	cond := c.want(n.Cond, Bool).truth
	a, b, t := c.same(n.Exp1, n.Exp2)
	return choose(t, func(r *run) part {
		if cond(r) {
			return a
		}
		return b
	})
}

// choose is a part of type t that is computed by whichever which gives.
func choose(t Type, which func(*run) part) part {
	p := part{typ: t, input: -1}
	p.num = func(r *run) number { return which(r).num(r) }
	p.truth = func(r *run) bool { return which(r).truth(r) }
	p.text = func(r *run) string { return which(r).text(r) }
	p.unknown = func(r *run, res *Result) {
		part := which(r)
		part.result()(r, res)
	}
	return p
}
