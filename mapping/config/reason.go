package config

import (
	"strconv"
	"strings"
)

// reason is the message of an error of package mapping without the quoted text that it begins with.
func reason(err error, text string) string {
	message := err.Error()
	if quoted := strconv.Quote(text) + ": "; strings.Contains(message, quoted) {
		_, message, _ = strings.Cut(message, quoted)
	}
	return message
}
