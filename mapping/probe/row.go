package probe

import (
	"fmt"
	"slices"
	"strconv"

	"tagbridge/mapping"
)

// Default is what is searched where nobody says where: the first registers of both tables.
func Default() []mapping.Extent {
	return []mapping.Extent{{Table: mapping.Holding, Count: 250}, {Table: mapping.Input, Count: 250}}
}

// OrderOf is the byte order that the tags of a device agree on, of those whose values have several registers.
func OrderOf(tags []*mapping.Tag) (o mapping.Order, known bool) {
	for _, t := range tags {
		if t.Type.Registers() < 2 {
			continue
		}
		if known && t.Order != o {
			return mapping.ABCD, false
		}
		o, known = t.Order, true
	}
	return o, known
}

// Columns are those of a row that reads what was found, in the order in which people write them.
var Columns = []string{"tag", "address", "type", "order", "scale"}

// Cells are the cells of a row that reads c, by their columns; the name of the tag is from its place.
func (c *Candidate) Cells() map[string]string {
	cells := rowOf(c.Address, c.TypeText(), c.Order, c.Registers)
	if c.Scale != (mapping.Decimal{Mant: 1}) {
		cells["scale"] = c.Scale.String()
	}
	return cells
}

// rowOf names an order only where it makes a difference to what a device has anyway.
func rowOf(a mapping.Address, t string, o mapping.Order, registers int) map[string]string {
	cells := map[string]string{"tag": fmt.Sprintf("%s_%d", a.Table, a.Number), "address": a.String(), "type": t}
	if registers > 1 || o.SwapsBytes() {
		cells["order"] = o.String()
	}
	return cells
}

// Cells are the cells of a row that reads l, or nil when it is not known what it is.
func (l *Look) Cells() map[string]string {
	switch l.Kind {
	case Number:
		return rowOf(l.Address, l.Type.String(), l.Order, l.Registers)
	case Text:
		return rowOf(l.Address, mapping.TypeString.Text(2*l.Registers), l.Order, 1)
	}
	return nil
}

// Extent is where l is.
func (l *Look) Extent() mapping.Extent {
	return mapping.Extent{Table: l.Address.Table, First: int(l.Address.Number), Count: l.Registers}
}

// String is what l looks like, in words.
func (l *Look) String() string {
	switch l.Kind {
	case Zeros:
		return "zeros"
	case Text:
		return "text"
	case Number:
		return l.Type.String()
	}
	return "do not know"
}

// Shows is the value that l has, for people; "" where that is not known.
func (l *Look) Shows() string {
	switch l.Kind {
	case Number:
		return FormatNumber(l.Value)
	case Text:
		return strconv.Quote(l.Text)
	}
	return ""
}

// FormatNumber is v for people.
func FormatNumber(v float64) string {
	if text := strconv.FormatFloat(v, 'f', -1, 64); len(text) <= 20 {
		return text
	}
	return strconv.FormatFloat(v, 'g', 9, 64)
}

// Narrowed is where list is, for a further reading: no more than that has to be read again.
func Narrowed(list []Candidate) []mapping.Extent {
	var all []mapping.Extent
	for i := range list {
		c := &list[i]
		all = append(all, mapping.Extent{Table: c.Address.Table, First: int(c.Address.Number), Count: c.Registers})
	}
	slices.SortFunc(all, func(a, b mapping.Extent) int {
		if a.Table != b.Table {
			return int(a.Table) - int(b.Table)
		}
		return a.First - b.First
	})
	var joined []mapping.Extent
	for _, e := range all {
		if n := len(joined); n > 0 && joined[n-1].Table == e.Table && e.First <= joined[n-1].Last()+1 {
			joined[n-1].Count = max(joined[n-1].Last(), e.Last()) - joined[n-1].First + 1
			continue
		}
		joined = append(joined, e)
	}
	return joined
}
