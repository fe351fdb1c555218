package formula

import (
	"errors"
	"math"
	"slices"
	"strings"

	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
)

// Formula is a compiled text. It is immutable, and safe for concurrent use.
type Formula struct {
	text     string
	typ      Type
	inputs   []Name
	previous []int // inputs whose values before are asked for
	timed    []int // inputs of which it is asked when they had their last value
	timely   bool  // the result changes with time alone
	result   func(*run, *Result)
	value    part
}

// Compile compiles text. The error says where in it something is wrong.
func Compile(text string, s Scope) (*Formula, *Error) {
	switch {
	case strings.TrimSpace(text) == "":
		return nil, errorf(0, "the formula is empty")
	case len(text) > maxLength:
		return nil, errorf(0, "a formula of %d bytes: at most %d are taken; make several tags of it", len(text), maxLength)
	}
	l := &lexer{scope: s, text: []rune(text)}
	if err := l.run(); err != nil {
		return nil, err
	}
	tree, err := parse(l)
	if err != nil {
		return nil, err
	}
	f := &Formula{text: text, inputs: l.inputs}
	c := &compiler{lexer: l, formula: f}
	f.value = c.part(tree.Node)
	if c.err != nil {
		return nil, c.err
	}
	f.typ = f.value.typ
	f.result = f.value.result()
	return f, nil
}

// parse has expr read what the lexer made.
func parse(l *lexer) (tree *parser.Tree, failed *Error) {
	defer func() { // its input is anybody's, and its depths are not ours
		if p := recover(); p != nil {
			tree, failed = nil, errorf(0, "the formula cannot be read")
		}
	}()
	options := conf.CreateNew()
	options.MaxNodes = maxNodes
	options.DisableIfOperator = true
	for _, b := range options.Builtins {
		options.Disabled[b.Name] = true
	}
	for _, name := range functionNames {
		options.Functions[name] = nil // ours, not its own
	}
	tree, err := parser.ParseWithConfig(l.out.String(), options)
	if err == nil {
		return tree, nil
	}
	where, ok := errors.AsType[*file.Error](err)
	if !ok {
		return nil, errorf(0, "the formula cannot be read")
	}
	return nil, l.explain(where)
}

// explain puts what expr says in words that are about the text that was typed.
func (l *lexer) explain(e *file.Error) *Error {
	at := l.place(e.From)
	switch {
	case strings.Contains(e.Message, "maximum allowed nodes"):
		return errorf(at, "the formula has more than %d parts: make several tags of it", maxNodes)
	case strings.Contains(e.Message, "EOF") || at >= len(l.text):
		if l.open > 0 {
			return errorf(len(l.text), "a closing bracket is missing at the end")
		}
		return errorf(len(l.text), "something is missing at the end")
	case !strings.HasPrefix(e.Message, "unexpected token"):
		return errorf(at, "%s", e.Message)
	}
	end := l.place(e.To)
	if end <= at {
		end = at + 1
	}
	return errorf(at, "%q is not expected here", string(l.text[at:min(end, len(l.text))]))
}

// place is where the character of what the parser read is in the text.
func (l *lexer) place(at int) int {
	if at < 0 || at >= len(l.places) {
		return len(l.text)
	}
	return l.places[at]
}

// Same reports that f and o compute the same of the same inputs. Either may be nil.
func (f *Formula) Same(o *Formula) bool {
	if f == nil || o == nil {
		return f == o
	}
	return f.text == o.text && f.typ == o.typ && slices.Equal(f.inputs, o.inputs)
}

// String is the text.
func (f *Formula) String() string { return f.text }

// Type is what its values are; Unknown where a device alone knows.
func (f *Formula) Type() Type { return f.typ }

// Inputs are the tags that it names, each once.
func (f *Formula) Inputs() []Name { return f.inputs }

// IsName reports that f is the name of a tag, and nothing else.
func (f *Formula) IsName() bool { return f.value.input >= 0 }

// Timely reports that its value changes with time alone.
func (f *Formula) Timely() bool { return f.timely }

// HasPast reports that it asks for what it was computed with before: it needs a Past.
func (f *Formula) HasPast() bool { return len(f.previous) > 0 }

// Holds computes a formula whose type is Bool; false also where it has no value. res says why.
func (f *Formula) Holds(in []*Input, past *Past, now int64, res *Result) bool {
	f.Eval(in, past, now, res)
	return res.Kind == True && res.Bits == 1
}

// result is what fills in a Result with the value of p.
func (p part) result() func(*run, *Result) {
	switch p.typ {
	case Number:
		return func(r *run, res *Result) { res.number(p.num(r)) }
	case Bool:
		return func(r *run, res *Result) { res.truth(p.truth(r)) }
	case Text:
		return func(r *run, res *Result) { res.Kind, res.Text = Words, p.text(r) }
	}
	return p.unknown
}

func (res *Result) number(n number) {
	if n.whole {
		res.Kind, res.Bits = Int, uint64(n.i)
		return
	}
	res.Kind, res.Bits = Float, math.Float64bits(round15(n.f))
}

func (res *Result) truth(v bool) {
	res.Kind, res.Bits = True, 0
	if v {
		res.Bits = 1
	}
}
