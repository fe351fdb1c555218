package mapping

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Values that are put together must be of one moment: those of two answers are not when the device changes them in between.

// Tie is the registers, or bits, that one row's value is made of, or judged by.
type Tie struct {
	Tag     *Tag   // whose row has the formula
	Members []*Tag // that are read

	over map[*Tag]bool // all that it depends on
}

// Ties are those of tags, all those of a device with registers. A formula of one place needs no tie.
func Ties(tags []*Tag) []Tie {
	var list []Tie
	var byName map[string]*Tag
	for _, t := range tags {
		if t.Computed == nil {
			continue
		}
		if byName == nil {
			byName = make(map[string]*Tag, len(tags))
			for _, t := range tags {
				byName[t.Name] = t
			}
		}
		m := members{byName: byName, seen: map[*Tag]bool{}}
		m.add(t)
		if len(m.list) > 1 {
			list = append(list, Tie{Tag: t, Members: m.list, over: m.seen})
		}
	}
	return list
}

// members gathers what is read for a row.
type members struct {
	byName map[string]*Tag
	seen   map[*Tag]bool
	list   []*Tag
}

func (m *members) add(t *Tag) {
	if t == nil || m.seen[t] {
		return
	}
	m.seen[t] = true
	if !t.Typed() {
		m.list = append(m.list, t)
	}
	if t.Computed == nil {
		return
	}
	if f := t.Computed.Value; f != nil {
		for _, n := range f.Inputs() {
			m.add(m.byName[n.Name])
		}
	}
	if f := t.Computed.Valid; f != nil {
		for _, n := range f.Inputs() {
			m.add(m.byName[n.Name])
		}
	}
}

// Reach is what one request of a device can ask for.
type Reach struct {
	Registers, Bits int
	Single          bool // one value
	OneTable        bool // the tables of registers, or of bits, are read as if they were one
}

// Loose is a Tie whose members do not come out of one answer.
type Loose struct {
	Tie
	Why string
}

// run is registers, or bits, of one table, that one request has to ask for.
type run struct {
	table      Table
	first, end int
	last       int // where the last member begins
}

// placed is a tie and the run that it needs.
type placed struct {
	Tie
	run
}

// Fit has as many ties be kept as can be: holds says for a member where the last one begins that is to come out of one
// answer with it. tags are all of the device: what lies between members is asked for with them.
func (r Reach) Fit(ties []Tie, tags []*Tag) (holds map[*Tag]int, loose []Loose) {
	var list []placed
	for _, t := range ties {
		if need, why := r.need(t); why != "" {
			loose = append(loose, Loose{t, why})
		} else {
			list = append(list, placed{t, need})
		}
	}
	slices.SortStableFunc(list, func(a, b placed) int { return cmp.Or(cmp.Compare(a.table, b.table), cmp.Compare(a.first, b.first)) })
	holds = map[*Tag]int{}
	between := r.runs(tags)
	var kept run // the last: those before it end before it begins
	for _, t := range list {
		next := t.run
		if next.table == kept.table && next.first < kept.end {
			next.first, next.end, next.last = kept.first, max(kept.end, next.end), max(kept.last, next.last)
		}
		next.end = max(next.end, endBetween(between, next))
		if n := next.end - next.first; n > r.most(next) {
			loose = append(loose, Loose{t.Tie, fmt.Sprintf("with what other rows have between them they are %d, and one request asks for %d at most", n, r.most(next))})
			continue
		}
		kept = next
		for _, m := range t.Members {
			holds[m] = max(holds[m], t.last)
		}
	}
	return holds, loose
}

// runs are where tags are, by place.
func (r Reach) runs(tags []*Tag) []run {
	list := make([]run, 0, len(tags))
	for _, t := range tags {
		if !t.Typed() {
			first, count := t.Span()
			list = append(list, run{table: r.tableOf(t), first: first, end: first + count})
		}
	}
	slices.SortFunc(list, func(a, b run) int { return cmp.Or(cmp.Compare(a.table, b.table), cmp.Compare(a.first, b.first)) })
	return list
}

// endBetween is where the last of those that begin within n, before its last member, ends.
func endBetween(list []run, n run) (end int) {
	from, _ := slices.BinarySearchFunc(list, n, func(a, b run) int { return cmp.Or(cmp.Compare(a.table, b.table), cmp.Compare(a.first, b.first)) })
	for ; from < len(list) && list[from].table == n.table && list[from].first < n.last; from++ {
		end = max(end, list[from].end)
	}
	return end
}

func (r Reach) most(n run) int {
	if n.table.IsBits() {
		return r.Bits
	}
	return r.Registers
}

// tableOf is the table that t is read in.
func (r Reach) tableOf(t *Tag) Table {
	switch {
	case !r.OneTable:
		return t.Address.Table
	case t.Address.Table.IsBits():
		return Coil
	}
	return Holding
}

// need is what one request has to ask for to read the members of t; why not, where none can.
func (r Reach) need(t Tie) (n run, why string) {
	a := t.Members[0]
	first, longest := a.Span()
	n = run{r.tableOf(a), first, first + longest, first}
	for _, m := range t.Members[1:] {
		first, count := m.Span()
		longest = max(longest, count)
		switch {
		case a.Poll != m.Poll:
			return n, fmt.Sprintf("%s is read every %v, and %s every %v", a.Name, a.Poll, m.Name, m.Poll)
		case n.table != r.tableOf(m):
			return n, fmt.Sprintf("%s is in table %s, and %s in table %s", a.Name, a.Address.Table, m.Name, m.Address.Table)
		}
		n.first, n.end, n.last = min(n.first, first), max(n.end, first+count), max(n.last, first)
	}
	size := n.end - n.first
	switch {
	case r.Single && size > longest:
		return n, "the device has single_register: true"
	case size > r.most(n):
		return n, fmt.Sprintf("from the first to the last of them are %d, and one request asks for %d at most", size, r.most(n))
	}
	return n, ""
}

// Because reports that l is loose as o is, of which it needs the value.
func (l *Loose) Because(o *Loose) bool { return l.over[o.Tag] && !o.over[l.Tag] }

// Names lists the members.
func (t *Tie) Names() string {
	const most = 6
	names := make([]string, 0, most+1)
	for i, m := range t.Members {
		if i == most {
			names = append(names, fmt.Sprintf("and %d more", len(t.Members)-most))
			break
		}
		names = append(names, m.Name)
	}
	return strings.Join(names, ", ")
}
