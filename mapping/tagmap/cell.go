package tagmap

import (
	"fmt"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
)

// Cell is one that can turn out to be wrong when it is known which device has the map.
type Cell struct {
	Tag  *mapping.Tag
	text string
	col  column
	at   source.Place
}

// Problemf reports what is wrong with c in the loading that d is of.
func (c Cell) Problemf(d *source.Doc, format string, args ...any) {
	c.tell(d, false, fmt.Sprintf(format, args...))
}

// Warnf reports what may be wrong with c in the loading that d is of.
func (c Cell) Warnf(d *source.Doc, format string, args ...any) {
	c.tell(d, true, fmt.Sprintf(format, args...))
}

func (c Cell) tell(d *source.Doc, warning bool, message string) {
	d.In(c.Tag.Source.File).AddCell(c.at, warning, c.col.String(), cellMessage(c.col.String(), c.text, message))
}

// Cell is where f is written.
func (f *Formula) Cell() Cell { return Cell{Tag: f.Tag, text: f.Text, col: f.col, at: f.at} }
