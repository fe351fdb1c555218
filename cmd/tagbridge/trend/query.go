package trend

import (
	"strings"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// What one question may ask for: no screen shows more, and no bridge is to be kept busy by it.
const (
	MaxTags   = 16
	MaxPoints = 5000
	// FewPoints is how many samples of a tag are given as they are where the question does not say.
	FewPoints = 2000
)

// Query is what is asked for.
type Query struct {
	Tags         []string  // DEVICE/TAG, each once
	Since, Until time.Time // from the one, up to before the other; zero: as far back as the journal reaches, up to now
	Points       int       // how many points a tag at most; 0: FewPoints
	// Period is how often a tag is polled each time with a sample, by what is configured now; 0: no silence is a gap.
	Period func(device, tag string) time.Duration
}

// Match takes the samples of the tags of q, and maybe others.
func (q *Query) Match() (*sinks.Match, error) {
	p, err := mapping.ParsePatterns(q.Tags)
	return sinks.NewMatch(p), err
}

// points is how many a tag may have.
func (q *Query) points() int {
	if q.Points > 0 {
		return q.Points
	}
	return FewPoints
}

// slot is the number of a tag among those of q; -1: it is none of them.
func (q *Query) slot(device, tag string) int {
	for i, name := range q.Tags {
		if d, t, _ := strings.Cut(name, "/"); d == device && t == tag {
			return i
		}
	}
	return -1
}
