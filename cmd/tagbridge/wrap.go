package main

import (
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// leastWidth is below what nothing is wrapped: a terminal that narrow says little of what is readable there.
const leastWidth = 40

// terminalWidth is how many columns w has; 0: it is no terminal, and its lines are for programs.
func terminalWidth(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// wrap breaks a line between words so that it fits width, with later lines that much indented. A word that is too long
// alone stays whole: it can be copied.
func wrap(line string, indent, width int) string {
	if width < leastWidth || utf8.RuneCountInString(line) <= width {
		return line
	}
	var b strings.Builder
	column, words := 0, strings.Split(line, " ")
	for i, word := range words {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case column+1+n > width && column > indent:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			column = indent
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	return b.String()
}
