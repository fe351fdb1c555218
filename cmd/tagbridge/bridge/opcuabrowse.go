package bridge

import (
	"fmt"
	"strings"

	"tagbridge/drivers/opcua"
	"tagbridge/mapping"
	"tagbridge/mapping/node"
)

// What is kept of a server's texts, and of rows.
const (
	maxAddressShown = 4 << 10 // bytes: no node id is longer by the standard
	maxTextShown    = 300     // runes
	maxNodeRows     = 200     // of one node
	maxBrowsedRows  = 2 << 20 // bytes of the rows of all
)

// browse implements browser.
func (opcuaProtocol) browse(q *BrowseQuestion) (level, error) {
	o := opcua.LevelOptions{Path: q.Path, First: q.First, Most: q.Most}
	if q.Root != "" {
		var err error
		if o.Root, err = node.Parse(q.Root); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrRoot, err)
		}
	}
	return opcuaLevel{opcua.NewLevel(o)}, nil
}

type opcuaLevel struct{ *opcua.Level }

// browsed implements level.
func (l opcuaLevel) browsed() *Browsed {
	b := &Browsed{Root: l.Root(), More: l.More(), Nodes: []BrowsedNode{}}
	room := maxBrowsedRows
	for _, f := range l.Found() {
		n := BrowsedNode{
			Name: shortText(f.Path[len(f.Path)-1]), Address: f.Address, Variable: f.Variable, Array: -1, Rows: []TagRow{},
		}
		if len(f.Address) > maxAddressShown {
			n.Address, n.Why = "", fmt.Sprintf("its node id has more than %d bytes: no server may have such", maxAddressShown)
		}
		if f.Variable {
			n.Type, n.Array = f.Type, f.Array
			n.Value, n.Unit, n.Description = shortText(f.Value), shortText(f.Unit), shortText(f.Remark)
			n.Quality = mapping.Quality(f.Status.Base()).String()
			if n.Why == "" {
				room -= n.rows(&f, room)
			}
		}
		b.Nodes = append(b.Nodes, n)
	}
	return b
}

// rows gives n the rows that would read f, and returns how many bytes of the room they take.
func (n *BrowsedNode) rows(f *opcua.Found, room int) (bytes int) {
	f.Unit, f.Remark = n.Unit, n.Description
	rows, left := OPCUARows([]opcua.Found{*f})
	if len(left) > 0 {
		n.Why = shortText(left[0])
	}
	for i, r := range rows {
		size := len(r.Tag) + len(r.Address) + len(r.Element) + len(r.Enum) + len(r.Description)
		if i == maxNodeRows || bytes+size > room {
			n.Why = fmt.Sprintf("%d more rows: tagbridge browse prints all", len(rows)-i)
			break
		}
		bytes += size
		n.Rows = append(n.Rows, r)
	}
	return bytes
}

// shortText is the beginning of a text that may be long.
func shortText(s string) string {
	n := 0
	for i := range s {
		if n++; n > maxTextShown {
			return strings.ToValidUTF8(s[:i], "\uFFFD") + "…"
		}
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
