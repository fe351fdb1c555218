package main

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// row gathers one row of a table.
func (p *typesetter) row(line string) {
	if p.table == nil {
		p.flush()
	}
	const bar = "\x00"
	line = strings.ReplaceAll(strings.TrimSpace(line), `\|`, bar)
	cells := strings.Split(strings.Trim(line, "|"), "|")
	for i := range cells {
		cells[i] = strings.ReplaceAll(strings.TrimSpace(cells[i]), bar, "|")
	}
	if strings.Trim(strings.Join(cells, ""), "-:") != "" || len(p.table) != 1 {
		p.table = append(p.table, cells)
	}
}

// printTable prints the table side by side where its last column has room, else as a list: the first cell of each row,
// and the others below it.
func (p *typesetter) printTable() {
	p.gap()
	width := make([]int, len(p.table[0]))
	for _, row := range p.table {
		for i := range width {
			if i < len(row) {
				width[i] = max(width[i], utf8.RuneCountInString(inline(row[i])))
			}
		}
	}
	last, left := len(width)-1, 0
	for _, w := range width[:last] {
		left += w + 2
	}
	if left+width[last] <= textWidth || left <= textWidth-30 {
		width[last] = min(width[last], textWidth-left)
		p.sideBySide(width, left)
		return
	}
	p.asList()
}

// sideBySide prints the rows with columns of these widths, the last of which begins after left and goes on below itself.
func (p *typesetter) sideBySide(width []int, left int) {
	last := len(width) - 1
	for n, row := range p.table {
		line := ""
		for i, cell := range row[:min(len(row), last)] {
			cell = inline(cell)
			line += cell + strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell)+2)
		}
		if len(row) > last && row[last] != "" {
			p.fill(line, strings.Repeat(" ", left), row[last])
		} else {
			fmt.Fprintln(&p.out, strings.TrimRight(line, " "))
		}
		if n == 0 {
			line = ""
			for _, w := range width {
				line += strings.Repeat("-", w) + "  "
			}
			fmt.Fprintln(&p.out, strings.TrimRight(line, " "))
		}
	}
}

func (p *typesetter) asList() {
	head := p.table[0]
	for n, row := range p.table[1:] {
		if n > 0 && len(head) > 2 {
			p.gap()
		}
		p.fill("", "  ", row[0])
		for i, cell := range row[1:] {
			switch {
			case cell == "" || i+1 >= len(head):
			case len(head) == 2:
				p.fill("    ", "    ", cell)
			default:
				p.fill("    ", "      ", head[i+1]+": "+cell)
			}
		}
	}
}
