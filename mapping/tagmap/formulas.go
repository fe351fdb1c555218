package tagmap

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"tagbridge/mapping"
	"tagbridge/mapping/formula"
	"tagbridge/mapping/source"
)

// Formula is a cell with one. It is compiled when all tags that it can name are known.
type Formula struct {
	Tag  *mapping.Tag
	Text string
	// Judges: it is whether the values of Tag are valid, not what they are.
	Judges bool
	col    column
	d      *source.Doc
	at     source.Place
	window source.Place // the cell of that column
}

// problemf reports what is wrong with f.
func (f *Formula) problemf(format string, args ...any) {
	f.d.AddCell(f.at, false, f.col.String(), cellMessage(f.col.String(), f.Text, fmt.Sprintf(format, args...)))
}

// Place names the row of f for messages about others.
func (f *Formula) Place() mapping.Source { return f.Tag.Source }

// computedTypes are those that a formula's value can be converted to.
var computedTypes = []mapping.Type{
	mapping.TypeAuto, mapping.TypeBool, mapping.TypeInt8, mapping.TypeUint8, mapping.TypeInt16, mapping.TypeUint16, mapping.TypeInt32,
	mapping.TypeUint32, mapping.TypeInt64, mapping.TypeUint64, mapping.TypeFloat32, mapping.TypeFloat64, mapping.TypeString,
}

// readExpr reads a row whose value is computed: it has a formula in place of an address.
func readExpr(b *tagBuilder, r *row, t *mapping.Tag) {
	t.Computed = &mapping.Computed{Expr: b.keep.own(r.text(colExpr))}
	for _, c := range []column{colAddress, colElement, colOrder} {
		if r.has(c) {
			r.problemf(c, "a tag with expr is computed, and read from nowhere: leave this empty")
		}
	}
	if readType(b, r, t) && !slices.Contains(computedTypes, t.Type) {
		r.problemf(colType, "a computed value has no such type: bool, a type of numbers such as float64, or string")
	}
	switch {
	case r.has(colPoll) && b.kind.computes && b.def.ByChange:
		r.problemf(colPoll, "the device has mode: change, so that this is computed when something that it is computed from was read: leave this empty")
	case r.has(colPoll) && !b.kind.computes:
		r.problemf(colPoll, "a tag with expr is computed at each poll of its inputs: leave this empty, or make it a tag of a device with driver: derived")
	}
	b.pend(r, t, colExpr)
}

// readValidIf reads what judges a row's values.
func readValidIf(b *tagBuilder, r *row, t *mapping.Tag) {
	if !r.has(colValidIf) {
		return
	}
	if t.Computed == nil {
		t.Computed = &mapping.Computed{}
	}
	t.Computed.ValidIf = b.keep.own(r.text(colValidIf))
	b.pend(r, t, colValidIf)
}

// pend has the formula in column c compiled once all rows are read.
func (b *tagBuilder) pend(r *row, t *mapping.Tag, c column) {
	b.list.Formulas = append(b.list.Formulas, Formula{
		Tag: t, Text: b.keep.own(r.text(c)), Judges: c == colValidIf, col: c, d: r.d, at: r.place(r.cells[c]),
		window: r.place(r.cells[colWindow]),
	})
}

// dropPending forgets the formulas and the exponent of t, which was not taken.
func (b *tagBuilder) dropPending(t *mapping.Tag) {
	if n := len(b.list.Exponents); n > 0 && b.list.Exponents[n-1].Tag == t {
		b.list.Exponents = b.list.Exponents[:n-1]
	}
	list := b.list.Formulas
	for len(list) > 0 && list[len(list)-1].Tag == t {
		list = list[:len(list)-1]
	}
	b.list.Formulas = list
}

// Names is what formulas can name.
type Names struct {
	// Find is the tag that a name of a formula in the row of t means, and its whole name; nil: there is none. Broken: it has
	// a row with problems, which are told, so that nothing more is said of it.
	Find func(t *mapping.Tag, name string) (found *mapping.Tag, whole string, broken bool)
	// All are the names that t can use, for suggestions.
	All func(t *mapping.Tag) []string
	// Elsewhere is the whole name of a tag that is called name in a device which name does not name; "": there is none.
	// nil: there are no others.
	Elsewhere func(name string) string
	// ReadOnly: what judges a tag can name only tags that are read.
	ReadOnly bool
}

// mostSuggestions is for how many unknown names the nearest is looked for: of a device that was renamed there are many.
const mostSuggestions = 50

// resolver compiles formulas, those of inputs first.
type resolver struct {
	names     Names
	formulas  map[*mapping.Tag][]*Formula
	state     map[*mapping.Tag]progress
	order     []*mapping.Tag
	path      []*mapping.Tag // what is being compiled
	suggested int
	typed     map[typedTraits]*mapping.Traits
}

type progress uint8

const (
	untouched progress = iota
	underway
	resolved
	broken
)

type typedTraits struct {
	of *mapping.Traits
	mapping.Type
}

// Resolve compiles list and completes its tags, which nobody uses yet. It returns those with an Expr that could be
// compiled, in an order in which each comes after those that it is computed from.
func Resolve(list []Formula, names Names) []*mapping.Tag {
	r := resolver{names: names, formulas: map[*mapping.Tag][]*Formula{}, state: map[*mapping.Tag]progress{}, typed: map[typedTraits]*mapping.Traits{}}
	for i := range list {
		f := &list[i]
		r.formulas[f.Tag] = append(r.formulas[f.Tag], f)
	}
	for i := range list {
		r.tag(list[i].Tag)
	}
	for i := range list {
		if f := &list[i]; f.Judges && names.ReadOnly {
			r.judge(f)
		}
	}
	return r.order
}

// tag compiles what t is computed by; false when that cannot be.
func (r *resolver) tag(t *mapping.Tag) bool {
	switch r.state[t] {
	case resolved:
		return true
	case broken:
		return false
	case underway:
		r.cycle(t)
		return false
	}
	if len(r.path) > maxChain {
		for _, f := range r.formulas[t] {
			f.problemf("computed from tags that are computed, and so on, for more than %d tags", maxChain)
		}
		r.state[t] = broken
		return false
	}
	ok := true
	for _, f := range r.formulas[t] {
		if f.Judges && r.names.ReadOnly {
			continue // it names nothing that is computed
		}
		r.state[t] = underway
		r.path = append(r.path, t)
		if f.Judges {
			ok = r.judge(f) && ok
		} else {
			ok = r.value(f) && ok
		}
		r.path = r.path[:len(r.path)-1]
		ok = ok && r.state[t] == underway
	}
	if ok && t.IsComputed() {
		r.order = append(r.order, t)
	}
	r.state[t] = resolved
	if !ok {
		r.state[t] = broken
	}
	return ok
}

// cycle reports tags that are computed from each other, at the row of each.
func (r *resolver) cycle(t *mapping.Tag) {
	at := slices.Index(r.path, t)
	var rows []string
	for _, c := range r.path[at:] {
		rows = append(rows, fmt.Sprintf("%s (line %d)", c.Name, c.Source.Line))
	}
	const most = 20
	if len(rows) > most {
		rows = append(rows[:most], fmt.Sprintf("and %d more", len(rows)-most))
	}
	for _, c := range r.path[at:] {
		r.state[c] = broken
		for _, f := range r.formulas[c] {
			if !f.Judges {
				f.problemf("computed from itself: %s", strings.Join(rows, " from "))
			}
		}
	}
}

// compile compiles f; nil when it is wrong, which is then told.
func (r *resolver) compile(f *Formula) *formula.Formula {
	silent, computed := false, ""
	compiled, err := formula.Compile(f.Text, formula.Scope{
		Find: func(name string) (formula.Name, bool) {
			found, whole, bad := r.names.Find(f.Tag, name)
			if found == nil {
				silent = silent || bad
				return formula.Name{Name: whole}, bad
			}
			if f.Judges && r.names.ReadOnly {
				if found.IsComputed() && computed == "" {
					computed = whole
				}
			} else if !r.tag(found) {
				silent = true
			}
			return formula.Name{Name: whole, Type: formulaType(found)}, true
		},
		Nearest: func(name string, own []string) string {
			if r.suggested++; r.suggested > mostSuggestions {
				return ""
			}
			if r.names.Elsewhere != nil {
				if whole := r.names.Elsewhere(name); whole != "" {
					return ": did you mean " + whole + "?"
				}
			}
			return source.DidYouMean(name, append(r.names.All(f.Tag), own...))
		},
	})
	switch {
	case silent:
		return nil
	case computed != "":
		f.problemf("%s is computed: only tags that are read from the device can be named here", computed)
		return nil
	case err != nil:
		f.problemf("%v", err)
		return nil
	}
	return compiled
}

// maxChain is how many formulas can be computed from each other in a row.
const maxChain = 1000

// value compiles what a tag is computed by, and gives the tag its type.
func (r *resolver) value(f *Formula) bool {
	compiled := r.compile(f)
	if compiled == nil {
		return false
	}
	t := f.Tag
	typ := valueTypes[compiled.Type()]
	if t.IsReckoned() {
		if compiled.Type() == formula.Text {
			f.problemf("gives a text, of which nothing can be reckoned: make a number of it, such as (x == 'on' ? 1 : 0)")
			return false
		}
		if !r.reckon(f, compiled) {
			return false
		}
		typ = mapping.TypeFloat64
	}
	switch {
	case t.Type == mapping.TypeAuto:
		r.setType(t, typ)
	case t.Type == mapping.TypeString && typ != mapping.TypeAuto && typ != mapping.TypeString,
		t.Type != mapping.TypeString && typ == mapping.TypeString:
		f.problemf("gives %s, and the row's type is %s", compiled.Type(), t.Type)
		return false
	}
	if fault := alarmFault(t, t.Type); fault != "" {
		f.problemf("%s", fault)
		return false
	}
	t.Computed.Value = compiled
	return true
}

// reckon reports an input whose samples are not kept, and finds out what is known of a counter.
func (r *resolver) reckon(f *Formula, compiled *formula.Formula) bool {
	for _, n := range compiled.Inputs() {
		found, _, _ := r.names.Find(f.Tag, n.Name)
		if found != nil && found.Withheld() {
			f.problemf("%s has report: none, and windows and totals are reckoned of what is reported: give it report: all or change", n.Name)
			return false
		}
		o := f.Tag.Computed.Reckoned
		if found != nil && compiled.IsName() {
			o.Range, o.Least = rangeOf(found), leastOf(found)
		}
		if found != nil && o.Span.Length > 0 && found.Poll > o.Span.Length && !found.IsReckoned() {
			f.d.AddCell(f.window, false, colWindow.String(), cellMessage(colWindow.String(), o.Window,
				fmt.Sprintf("shorter than the poll of %s, which is read every %s: most windows would have no value", n.Name, source.ShowDuration(found.Poll))))
			return false
		}
	}
	return true
}

// rangeOf is after how many t begins at 0 again, as a counter does; 0: it is not known.
func rangeOf(t *mapping.Tag) float64 {
	low, high, ok := t.Type.Bounds(t.Length)
	s := &t.Scaling
	if t.IsComputed() || !ok || low != 0 || high <= 0 || high > 1<<53 || t.Type == mapping.TypeBool || s.Kind == mapping.FromRange ||
		s.Kind == mapping.Linear && s.Offset.Mant != 0 || t.ScaleBy != 0 {
		return 0
	}
	n := float64(high) + 1
	if s.Kind == mapping.Linear {
		n *= s.Scale.Float64()
	}
	return max(n, 0)
}

// leastOf is the smallest step that t makes; 0: it is not known.
func leastOf(t *mapping.Tag) float64 {
	if _, _, whole := t.Type.Bounds(t.Length); t.IsComputed() || !whole || t.Type.IsFloat() || t.ScaleBy != 0 {
		return 0
	}
	switch s := &t.Scaling; s.Kind {
	case mapping.Linear:
		return math.Abs(s.Scale.Float64())
	case mapping.FromRange:
		return 0
	}
	return 1
}

// valueTypes are the types of tags by those of their formulas.
var valueTypes = map[formula.Type]mapping.Type{
	formula.Unknown: mapping.TypeAuto, formula.Number: mapping.TypeFloat64, formula.Bool: mapping.TypeBool, formula.Text: mapping.TypeString,
}

// setType gives t a type; tags that had their traits in common still have.
func (r *resolver) setType(t *mapping.Tag, typ mapping.Type) {
	key := typedTraits{t.Traits, typ}
	if r.typed[key] == nil {
		one := *t.Traits
		one.Type = typ
		r.typed[key] = &one
	}
	t.Traits = r.typed[key]
}

// judge compiles what judges a tag.
func (r *resolver) judge(f *Formula) bool {
	compiled := r.compile(f)
	switch {
	case compiled == nil:
		return false
	case compiled.Type() != formula.Bool && compiled.Type() != formula.Unknown:
		f.problemf("must be true or false, and this is %s", compiled.Type())
		return false
	}
	f.Tag.Computed.Valid = compiled
	return true
}

// formulaType is what t is in a formula.
func formulaType(t *mapping.Tag) formula.Type {
	switch {
	case t.EachElement():
		return formula.Unknown
	case t.Type == mapping.TypeBool && t.Scaling.Kind == mapping.Unscaled:
		return formula.Bool
	case t.Type == mapping.TypeString:
		return formula.Text
	case t.Type == mapping.TypeAuto && t.Typed():
		return formula.Unknown
	}
	return formula.Number
}
