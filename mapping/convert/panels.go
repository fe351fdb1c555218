package convert

import (
	"fmt"
	"strings"
)

// dark is what would make panels of dashboards go dark: points that are not written as they were.
type dark struct {
	why  string
	what []string // the fields, a few of them
	more int
}

// maxNamed is how many fields are named with a reason.
const maxNamed = 8

// panel notes that a field is not written as it was, for a reason that others may share.
func (r *Result) panel(what, format string, args ...any) {
	why := fmt.Sprintf(format, args...)
	for _, d := range r.dark {
		if d.why != why {
			continue
		}
		if len(d.what) < maxNamed {
			d.what = append(d.what, what)
		} else {
			d.more++
		}
		return
	}
	r.dark = append(r.dark, &dark{why: why, what: []string{what}})
}

// renamed notes that a field gets another name, when it does.
func (r *Result) renamed(field string) {
	if name := tagName(field); name != field && name != "" {
		r.panel(field, "a tag cannot be called so: + and # are - here, and / with nothing between them, and blanks at the ends, are left out")
	}
}

// Panels says, a line each, what panels of dashboards would not find any more. It is nil where a conversion knows nothing of
// where values were written.
func (r *Result) Panels() []string {
	if !r.sees {
		return nil
	}
	lines := []string{"panels: series, fields and their types go on as they are; new are the tags bridge and device"}
	if len(r.dark) > 0 {
		lines[0] = "panels: what follows would be missing, or refused by InfluxDB; all else goes on, with the new tags bridge and device"
	}
	for _, d := range r.dark {
		line := "panels: " + strings.Join(d.what, ", ")
		if d.more > 0 {
			line += fmt.Sprintf(" and %d more", d.more)
		}
		lines = append(lines, line+": "+d.why)
	}
	return lines
}
