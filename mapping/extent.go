package mapping

import (
	"fmt"
	"strings"
)

// Extent is a run of addresses of one table.
type Extent struct {
	Table Table
	First int // as on the wire
	Count int // at least 1
}

// Last is the last address.
func (e Extent) Last() int { return e.First + e.Count - 1 }

// String is e as ParseExtent reads it.
func (e Extent) String() string {
	if e.Count == 1 {
		return fmt.Sprintf("%s:%d", e.Table, e.First)
	}
	return fmt.Sprintf("%s:%d-%d", e.Table, e.First, e.Last())
}

// ParseExtent reads a range of addresses, 40001-40010 or holding:0-9, or one address. The last may be written with its
// table, or as a number.
func ParseExtent(s string) (Extent, error) { return Numbers{}.ParseExtent(s) }

// ParseExtent is the function of that name where numbers without a table are those of n.
func (n Numbers) ParseExtent(s string) (Extent, error) {
	from, to, ranged := strings.Cut(strings.TrimSpace(s), "-")
	first, err := n.ParseAddress(strings.TrimSpace(from))
	if err != nil {
		return Extent{}, err
	}
	if first.Part != Whole {
		return Extent{}, fmt.Errorf("range %q: of whole registers only", s)
	}
	e := Extent{Table: first.Table, First: int(first.Number), Count: 1}
	if !ranged {
		return e, nil
	}
	to = strings.TrimSpace(to)
	if word, _, ok := strings.Cut(from, ":"); ok && !strings.Contains(to, ":") {
		to = word + ":" + to
	}
	last, err := n.ParseAddress(to)
	switch {
	case err != nil:
		return Extent{}, fmt.Errorf("range %q: its end: %w", s, err)
	case last.Table != first.Table || last.Part != Whole:
		return Extent{}, fmt.Errorf("range %q: it ends in another table than it begins in", s)
	case last.Number < first.Number:
		return Extent{}, fmt.Errorf("range %q: its last address is before its first", s)
	}
	e.Count = int(last.Number) - e.First + 1
	return e, nil
}
