package drivers

import (
	"slices"
	"time"
	"unicode"
)

// reasons are why something has failed since it last worked, as far as the log has it: a log that has only the first
// sends people after a fault that is long gone.
type reasons struct {
	last string
	said []reason
}

type reason struct {
	text string
	at   time.Duration
}

// sayAgain is after how long a reason that alternates with another one is news again; mostReasons are remembered.
const (
	sayAgain    = 10 * time.Minute
	mostReasons = 8
)

// news notes that the reason at now is err, and reports that the log does not have it yet. Texts that differ in numbers
// alone, such as ports and registers, are the same reason.
func (r *reasons) news(err error, now time.Duration) bool {
	text := withoutDigits(err.Error())
	if text == r.last {
		return false
	}
	r.last = text
	i := slices.IndexFunc(r.said, func(s reason) bool { return s.text == text })
	switch {
	case i >= 0 && now-r.said[i].at < sayAgain:
		return false
	case i >= 0:
		r.said = slices.Delete(r.said, i, i+1)
	case len(r.said) == mostReasons:
		r.said = slices.Delete(r.said, 0, 1)
	}
	r.said = append(r.said, reason{text, now})
	return true
}

func withoutDigits(s string) string {
	kept := make([]rune, 0, len(s))
	for _, c := range s {
		if !unicode.IsDigit(c) {
			kept = append(kept, c)
		}
	}
	return string(kept)
}
