package journal

import "tagbridge/sinks"

// Places calls yield with each sink of the configuration, and the position before which it needs nothing any more.
func (j *Journal) Places(yield func(sink string, p sinks.Pos)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for name, c := range j.cursors {
		if c.started && name != sinks.Reckoner {
			yield(name, c.acked)
		}
	}
}
