package influx

import (
	"bytes"
	"strconv"
	"strings"
)

// allTooOld reports that message, of a refusal, says of every line of text that it is older than the bucket keeps:
//
//	partial write: points beyond retention policy dropped=5
//	partial write: dropped 5 points outside retention policy of duration 168h0m0s …
//
// A long backlog begins with such lines. There is no use in looking for one among them that is not.
func allTooOld(message string, text []byte) bool {
	_, rest, found := strings.Cut(message, "dropped")
	if !found || !strings.Contains(message, "retention policy") {
		return false
	}
	digits := strings.TrimLeft(rest, "= ")
	if end := strings.IndexFunc(digits, func(r rune) bool { return r < '0' || r > '9' }); end >= 0 {
		digits = digits[:end]
	}
	dropped, err := strconv.Atoi(digits)
	// A line feed in a string counts as a line too many: then it is looked for all the same.
	return err == nil && dropped >= bytes.Count(text, []byte{'\n'})
}
