package tagmap

import (
	"flag"
	"testing"

	"tagbridge/testrig/manual"
)

var update = flag.Bool("update", false, "write the reference of the manual")

// The page of columns has every column, in the order in which maps have them by habit.
func TestManualColumns(t *testing.T) {
	table := manual.Table{Columns: []string{"column"}, Prose: []string{"default", "meaning"}}
	for _, name := range columnNames {
		table.Rows = append(table.Rows, []string{manual.Code(name)})
	}
	table.Rows = append(table.Rows, []string{manual.Code("label.X")})
	manual.Hold(t, *update, "columns", table)
}
