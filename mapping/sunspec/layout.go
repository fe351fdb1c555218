package sunspec

import (
	"fmt"
	"strconv"
)

// Value is a point of a device, with its place and what was there.
type Value struct {
	Point   *Point
	Path    []string // the groups that it is in below its model, those that are there several times with their number: Pt/2
	Address int
	Raw     []byte // nil: the device refused it
	SF      *Value // its exponent; nil: none, or Shift
	Shift   int    // an exponent that does not change
}

// Missing reports that the device says that it has no such value, or did not give it.
func (v *Value) Missing() bool { return v.Raw == nil || v.Point.form.missing(v.Raw) }

// layout says where the points of a model of a device are.
type layout struct {
	m    *Instance
	at   int    // registers after the length
	room int    // how many points there may be yet
	cut  string // what is left out as there is no room for it; "": nothing
}

// scope is a group as it is at one place, within others.
type scope struct {
	outer  *scope
	path   []string
	values map[string]*Value
}

// find is the value of that name in s or around it.
func (s *scope) find(name string) *Value {
	for ; s != nil; s = s.outer {
		if v := s.values[name]; v != nil {
			return v
		}
	}
	return nil
}

// header is how many points of a model come before its own: number and length.
const header = 2

// fixed places the points of the model itself.
func (l *layout) fixed() {
	l.place(l.m.Model.Points[header:], &scope{values: map[string]*Value{}})
}

// groups places those of its groups. The points around them have been read.
func (l *layout) groups() {
	outer := &scope{values: map[string]*Value{}}
	for _, v := range l.m.Values {
		outer.values[v.Point.Name] = v
	}
	l.nested(l.m.Model.Groups, outer)
}

// nested places groups, each as often as it is there.
func (l *layout) nested(list []Group, outer *scope) {
	for i := range list {
		g := &list[i]
		times, numbered := l.times(g, outer)
		for n := 1; n <= times && l.cut == ""; n++ {
			path := append(outer.path[:len(outer.path):len(outer.path)], g.Name)
			if numbered {
				path = append(path, strconv.Itoa(n))
			}
			inner := &scope{outer: outer, path: path, values: map[string]*Value{}}
			l.place(g.Points, inner)
			l.nested(g.Groups, inner)
		}
	}
}

// times is how often g is there.
func (l *layout) times(g *Group, outer *scope) (times int, numbered bool) {
	if n, err := strconv.Atoi(g.Count); err == nil && n > 0 {
		return n, n > 1
	}
	most := (l.m.Length - l.at) / max(1, g.registers())
	if g.Count != "0" {
		v := outer.find(g.Count)
		if v == nil || v.Missing() {
			return 0, true
		}
		return int(v.Point.form.integer(v.Raw)), true // too many are cut
	}
	for _, v := range outer.values { // a point of type count says how many of them are in use
		if v.Point.Type == "count" && !v.Missing() {
			most = min(most, int(v.Point.form.integer(v.Raw)))
		}
	}
	return most, true
}

// place adds points that follow each other, as far as the device has them.
func (l *layout) place(points []Point, s *scope) {
	first := len(l.m.Values)
	for i := range points {
		p := &points[i]
		if l.at+p.Registers > l.m.Length || l.room == 0 {
			if p.form.kind != pad { // which devices leave out at the end
				l.cut = fmt.Sprintf("%s, and what comes after it, is left out", p.Name)
			}
			break
		}
		v := &Value{Point: p, Path: s.path, Address: l.m.Address + 2 + l.at}
		l.at += p.Registers
		l.room--
		l.m.Values = append(l.m.Values, v)
		s.values[p.Name] = v
	}
	for _, v := range l.m.Values[first:] {
		if v.SF = s.find(v.Point.SF); v.SF == nil && v.Point.SF != "" {
			v.Shift, _ = strconv.Atoi(v.Point.SF)
		}
	}
}

// registers is how many g has, its groups as often as they are there for certain.
func (g *Group) registers() int {
	n := 0
	for _, p := range g.Points {
		n += p.Registers
	}
	for i := range g.Groups {
		times, _ := strconv.Atoi(g.Groups[i].Count)
		n += times * g.Groups[i].registers()
	}
	return n
}

// registers is how many m has after its length, without the groups of which there may be any number.
func (m *Model) registers() int { return m.Group.registers() - header }
