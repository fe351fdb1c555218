package main

import (
	"encoding/csv"
	"fmt"
	"text/tabwriter"

	"tagbridge/mapping"
	"tagbridge/mapping/dump"
	"tagbridge/mapping/probe"
)

// shownCandidates is how many places are printed, and firstRows of how many the rows are.
const (
	shownCandidates = 20
	firstRows       = 5
)

// printFound prints the places that were found, and rows that read them.
func (s *probing) printFound(found probe.Found) {
	list := found.Candidates
	if !s.v.CSV {
		if len(list) == 0 {
			fmt.Fprintln(s.std.out, s.whyNothing(found))
			return
		}
		table := tabwriter.NewWriter(s.std.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "address\ttype\torder\tscale\tvalue\t")
		for i := range list[:min(len(list), shownCandidates)] {
			c := &list[i]
			note := ""
			if c.Same != mapping.TypeAuto {
				note = c.Same.String() + " gives the same so far"
			}
			if c.Between {
				note = "only between two readings"
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", c.Address, c.TypeText(), c.Order, c.Scale, probe.FormatNumber(c.Value), note)
		}
		table.Flush()
		if n := len(list) - shownCandidates; n > 0 {
			fmt.Fprintf(s.std.out, "and %d more\n", n)
		}
		fmt.Fprintf(s.std.out, "the first: %s; %s\n", found.Sure, found.Why)
		if o, why := found.OrderFor(s.options); o.Proven {
			fmt.Fprintf(s.std.out, "byte order %s: %s\n", o.Order, why)
		}
		fmt.Fprintln(s.std.out)
	}
	var rows []map[string]string
	for i := range list[:min(len(list), firstRows)] {
		rows = append(rows, list[i].Cells())
	}
	s.printRows(rows)
}

// whyNothing is why nothing was found.
func (s *probing) whyNothing(found probe.Found) string {
	for _, r := range s.readings {
		for _, x := range r.Snapshots {
			if len(x.Areas) > 0 {
				return found.Why
			}
		}
	}
	return "nothing was read, as all that was asked for is refused: are unit (--unit-id) and table (input, holding) right?"
}

// printRows prints rows of a tag map.
func (s *probing) printRows(rows []map[string]string) {
	out := csv.NewWriter(s.std.out)
	_ = out.Write(probe.Columns)
	for _, cells := range rows {
		line := make([]string, len(probe.Columns))
		for i, column := range probe.Columns {
			line[i] = cells[column]
		}
		_ = out.Write(line)
	}
	out.Flush()
}

// printLooks prints what the registers look like.
func (s *probing) printLooks() {
	var snapshots []dump.Snapshot
	for _, r := range s.readings {
		snapshots = append(snapshots, r.Snapshots...)
	}
	looks := probe.LookAt(snapshots, s.options)
	if s.v.CSV {
		var rows []map[string]string
		for i := range looks.List {
			if cells := looks.List[i].Cells(); cells != nil {
				rows = append(rows, cells)
			}
		}
		s.printRows(rows)
		return
	}
	table := tabwriter.NewWriter(s.std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "addresses\tlooks like\tvalue\t")
	for i := range looks.List {
		l := &looks.List[i]
		moves := ""
		if l.Moves {
			moves = "moves"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", l.Extent(), l, forTerminal(l.Shows()), moves)
	}
	table.Flush()
	switch {
	case s.options.Proven:
		fmt.Fprintf(s.std.out, "byte order %s, of the map of the device or as asked; all else is a guess\n", looks.Order)
	case looks.Decided:
		fmt.Fprintf(s.std.out, "byte order: likely %s; all of this is a guess\n", looks.Order)
	default:
		fmt.Fprintln(s.std.out, "byte order: do not know. Type what the display shows: --shows 23.1; or watch for a while: --watch 10s")
	}
}
