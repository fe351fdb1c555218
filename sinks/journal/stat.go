package journal

import (
	"cmp"
	"slices"
	"time"

	"tagbridge/sinks"
)

// Failing is why nothing can be written, as on a full disk or one that does not answer; nil while all is well.
func (j *Journal) Failing() error {
	if j.files == nil {
		return nil
	}
	if err := j.files.hangs(); err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.files.why
}

// Stat is what waits for the sinks, by name.
func (j *Journal) Stat() []sinks.Backlog {
	j.mu.Lock()
	defer j.mu.Unlock()
	stats := make([]sinks.Backlog, 0, len(j.cursors))
	for _, c := range j.cursors {
		if c.name != sinks.Reckoner {
			stats = append(stats, j.backlog(c))
		}
	}
	slices.SortFunc(stats, func(a, b sinks.Backlog) int { return cmp.Compare(a.Sink, b.Sink) })
	return stats
}

// Waiting is what waits for the reader of that name, which need not be a sink; false: it was never there.
func (j *Journal) Waiting(reader string) (sinks.Backlog, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	c, ok := j.cursors[reader]
	if !ok {
		return sinks.Backlog{}, false
	}
	return j.backlog(c), true
}

// backlog is what waits for c. The caller holds mu.
func (j *Journal) backlog(c *cursor) sinks.Backlog {
	s := sinks.Backlog{
		Sink:    c.name,
		Samples: c.waiting(j.tail.end),
		Bytes:   j.bytesFrom(c.acked),
		Age:     j.age(c),
		Away:    !c.started,
		Dropped: make(map[string]uint64),
		Ever:    c.ever.stat(),
	}
	for why, n := range c.dropped {
		if n > 0 {
			s.Dropped[ReasonNames[why]] = n
		}
	}
	return s
}

// Bytes is the size of everything the journal holds.
func (j *Journal) Bytes() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.files != nil {
		return j.files.bytes()
	}
	return int64(j.tail.bytes)
}

// bytesFrom is about how many bytes of records there are from p on.
func (j *Journal) bytesFrom(p sinks.Pos) int64 {
	n := int64(j.tail.bytesFrom(p))
	if j.files == nil || p >= j.tail.first() {
		return n
	}
	n = int64(j.tail.bytesFrom(j.files.written))
	for i, s := range j.files.segments {
		to := j.files.written
		if i+1 < len(j.files.segments) {
			to = j.files.segments[i+1].first
		}
		if from := max(p, s.first); from < to {
			n += int64(float64(s.size) * float64(to-from) / float64(to-s.first))
		}
	}
	return n
}

// age is how old the oldest sample is that c needs.
func (j *Journal) age(c *cursor) time.Duration {
	if c.acked >= j.tail.end {
		return 0
	}
	var oldest time.Time
	switch {
	case c.acked >= j.tail.first() || j.files == nil:
		oldest = time.Unix(0, commonTime(j.tail.at(c.acked)[headerSize:]))
	case c.onDisk && c.oldest > 0:
		oldest = time.Unix(0, c.oldest)
	case len(j.files.segments) > 0:
		oldest = j.files.segments[j.files.find(c.acked)].created
	default:
		return 0
	}
	return max(0, time.Since(oldest))
}
