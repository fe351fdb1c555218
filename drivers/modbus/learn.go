package modbus

import "time"

// turnaround is what is known of how long a unit takes to begin its answers.
type turnaround struct {
	worst  time.Duration // of late, fading
	known  bool
	misses int // in a row
}

// What is waited for beyond what is known, and how fast that fades.
const (
	marginFactor = 3
	margin       = 100 * time.Millisecond
	fading       = 128
	// fullEvery is how often a silent unit is given all the time it has: it may have become slower meanwhile.
	fullEvery = 4
)

// limit is how long to wait for the unit, at most bound, in a try that is not the last. A dead one that was fast costs little.
func (t *turnaround) limit(bound time.Duration) time.Duration {
	if !t.known || t.misses > 0 && t.misses%fullEvery == 0 {
		return bound
	}
	learned := marginFactor*t.worst + margin
	if t.misses > 0 {
		learned *= 2
	}
	return min(bound, learned)
}

// answered notes that the unit began its answer so long after the request.
func (t *turnaround) answered(took time.Duration) {
	t.worst = max(took, t.worst-t.worst/fading)
	t.known, t.misses = true, 0
}

func (t *turnaround) missed() { t.misses++ }
