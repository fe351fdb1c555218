package encode

import (
	"bytes"
	"testing"
)

// TestRejectedFlippedBitIsNotSentAgain flips each bit of a line: it is refused, or read as it was written.
func TestRejectedFlippedBitIsNotSentAgain(t *testing.T) {
	var j JSON
	b := rereadBatch()
	for i := range b.Samples {
		line := j.AppendRejected(nil, b, i, "out of range")
		body := line[:bytes.LastIndex(line, []byte(sumMember))]
		for bit := range 8 * (len(line) - 1) {
			line[bit/8] ^= 1 << (bit % 8)
			var r Reread
			if err := r.Add(line); err == nil && bit/8 < len(body) {
				t.Errorf("bit %d of sample %d flipped: %q was taken", bit, i, line)
			}
			line[bit/8] ^= 1 << (bit % 8)
		}
	}
}

// TestRejectedWithoutSumIsTaken reads a line of an earlier version, or one that somebody has changed.
func TestRejectedWithoutSumIsTaken(t *testing.T) {
	var j JSON
	line := j.AppendRejected(nil, rereadBatch(), 1, "out of range")
	line = append(line[:bytes.LastIndex(line, []byte(sumMember))], "}\n"...)
	var r Reread
	if err := r.Add(line); err != nil || r.Len() != 1 {
		t.Errorf("Add = %v, %d samples", err, r.Len())
	}
}
