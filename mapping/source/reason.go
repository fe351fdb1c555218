package source

import (
	"strconv"
	"strings"
)

// Reason is the message of an error of package mapping without the quoted text that it begins with.
func Reason(err error, text string) string {
	message := err.Error()
	if quoted := strconv.Quote(text) + ": "; strings.Contains(message, quoted) {
		_, message, _ = strings.Cut(message, quoted)
	}
	return message
}
