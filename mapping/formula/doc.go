// Package formula computes values from those of tags: the formulas of tag maps. A text is compiled once; what it computes
// has a quality and says which input is to blame for it. The language is that of expr-lang/expr, whose parser reads it,
// without anything that could loop, allocate or reach outside; what is computed, and how exactly, is decided here: see
// DESIGN.md. It does no I/O, and knows of tags only their names and values.
package formula
