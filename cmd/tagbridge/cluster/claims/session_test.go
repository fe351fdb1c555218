package claims

import (
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// TestJudge has the bucket be looked at while it is written: an answer older than what came meanwhile is no bucket that was set back.
func TestJudge(t *testing.T) {
	created := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	info := func(last uint64, keys uint64) *jetstream.StreamInfo {
		return &jetstream.StreamInfo{Created: created, State: jetstream.StreamState{LastSeq: last, Msgs: keys}}
	}
	for _, c := range []struct {
		name    string
		seen    uint64 // before the look
		there   int
		now     uint64 // after it
		answers []*jetstream.StreamInfo
		err     error
	}{
		{"nothing happened", 10, 5, 10, []*jetstream.StreamInfo{info(10, 5), info(10, 5)}, nil},
		{"written meanwhile, an older answer", 10, 5, 42, []*jetstream.StreamInfo{info(12, 5)}, nil},
		{"set back", 10, 5, 10, []*jetstream.StreamInfo{info(9, 5)}, errEnded},
		{"keys are gone", 10, 5, 10, []*jetstream.StreamInfo{info(10, 4)}, errEnded},
		{"others wrote, not seen yet", 10, 5, 10, []*jetstream.StreamInfo{info(12, 6)}, nil},
		{"others wrote, never seen", 10, 5, 10, []*jetstream.StreamInfo{info(12, 6), info(13, 6)}, errEnded},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &session{Keeper: NewKeeper(Options{Node: "pc-a"}), last: c.now, created: created}
			var err error
			for _, i := range c.answers {
				err = s.judge(looked{info: i, seen: c.seen, there: c.there})
			}
			if !errors.Is(err, c.err) {
				t.Errorf("it says %v, not %v", err, c.err)
			}
		})
	}
}
