package main

import (
	"strings"
	"unicode"

	"tagbridge/mapping/source"
)

// forTerminal is text of a device's as it may be printed: without what a terminal would act on, or what would hide the
// rest of the line.
func forTerminal(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || unicode.Is(unicode.Cf, c) || c == '\u2028' || c == '\u2029' {
			return '\uFFFD'
		}
		return c
	}, s)
}

// cells are texts as cells of a CSV file that no spreadsheet computes.
func cells(texts ...string) []string {
	for i, text := range texts {
		texts[i] = source.Harmless(text)
	}
	return texts
}
