package replica

import (
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"tagbridge/cmd/tagbridge/cluster/store"
)

// Subject is where the messages of a member go.
func Subject(bridge, node string) string {
	return "tagbridge." + store.Key(bridge) + ".records." + store.Key(node)
}

// Limits are how much a stream has at most.
type Limits struct {
	MaxBytes int64         // 0: 256 MiB; JetStream reserves it, so that it is halved, down to 16 MiB, where there is not so much room
	MaxAge   time.Duration // 0: 30 days
}

// How much a stream has, and the least that makes sense.
const (
	defaultBytes = 256 << 20
	leastBytes   = 16 << 20
)

// StreamConfig is the stream of a member.
func StreamConfig(bridge, node string, l Limits) jetstream.StreamConfig {
	if l.MaxBytes <= 0 {
		l.MaxBytes = defaultBytes
	}
	if l.MaxAge <= 0 {
		l.MaxAge = 720 * time.Hour
	}
	return jetstream.StreamConfig{
		Name: store.Records(bridge, node), Description: fmt.Sprintf("what member %s of tagbridge %s has read", node, bridge),
		Subjects: []string{Subject(bridge, node)}, Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardOld,
		MaxBytes: l.MaxBytes, MaxAge: l.MaxAge, MaxMsgs: -1, MaxMsgsPerSubject: -1, MaxConsumers: -1, MaxMsgSize: 2 * MostMessage,
		Duplicates: min(2*time.Minute, l.MaxAge), AllowDirect: true,
	}
}

// CursorsConfig is the bucket of the cursors of all members.
func CursorsConfig(bridge string) jetstream.KeyValueConfig {
	return jetstream.KeyValueConfig{
		Bucket: store.Cursors(bridge), Description: "where the sinks of the members of tagbridge " + bridge + " are",
		History: 1, MaxBytes: 32 << 20, MaxValueSize: mostCursor,
	}
}
