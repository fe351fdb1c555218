package nats

import (
	"fmt"
	"hash/crc32"
	"strings"

	"tagbridge/sinks"
	"tagbridge/sinks/message"
)

// ident tells a message from all others of the stream (Nats-Msg-Id), so that the stream takes it once within its duplicate
// window; "": nothing does.
//
// It names the journal, the positions of the first and the last sample, and a checksum of what is in it. Messages are cut anew
// after a restart: with the first position alone, a longer one would be dropped as a duplicate of a shorter one, and its
// samples be lost. For the same reason there is the checksum: what is between two positions depends on match, format and
// subject, which a reload changes, and on what was joined from further on.
func (n *session) ident(v *sinks.View, m *message.Message) string {
	if n.origin == "" {
		return ""
	}
	first, ok := v.Position(m.From)
	if !ok {
		return ""
	}
	last := first
	if m.To > m.From {
		if p, ok := v.Position(m.To - 1); ok {
			last = p
		}
	}
	return fmt.Sprintf("%s-%d-%d-%08x", n.origin, first, last, sum(m))
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sum is of subject, time and payload: a bare value says nothing of its time.
func sum(m *message.Message) uint32 {
	c := crc32.Update(0, castagnoli, []byte(m.Topic.Name))
	t := uint64(m.ID.Start.Time())
	c = crc32.Update(c, castagnoli, []byte{0, byte(t), byte(t >> 8), byte(t >> 16), byte(t >> 24), byte(t >> 32), byte(t >> 40),
		byte(t >> 48), byte(t >> 56)})
	return crc32.Update(c, castagnoli, m.Payload)
}

// headerText is text as a header can hold it.
func headerText(text string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' || r == ':' {
			return '_'
		}
		return r
	}, text)
}
