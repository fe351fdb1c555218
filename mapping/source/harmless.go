package source

import (
	"strconv"
	"strings"
)

// Harmless is text as a CSV cell that no spreadsheet computes: an apostrophe stands before what would be a formula.
// Plain takes it off again.
func Harmless(text string) string {
	if formula(text) || Plain(text) != text || strings.HasPrefix(text, "''") {
		return "'" + text
	}
	return text
}

// Plain is the text of a CSV cell without the apostrophe that Harmless put before it.
func Plain(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && (formula(rest) || strings.HasPrefix(rest, "'")) {
		return rest
	}
	return cell
}

// formula reports text that a spreadsheet would compute.
func formula(text string) bool {
	if text == "" || !strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return false
	}
	_, err := strconv.ParseFloat(text, 64)
	return err != nil
}
