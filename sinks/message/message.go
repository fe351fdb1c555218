package message

import "tagbridge/mapping"

// Message is a topic and a payload, and what depends on it.
type Message struct {
	Topic   *Topic
	Payload []byte // in memory that the next message made in this one uses again
	// From and To are the samples of the view, To not included, that are through once this message and all before it are.
	From, To int
	Whole    bool // it holds all samples from From to To; else it is one of several that do
	ID       ID
	Skip     Skip // not zero: it need not be sent
}

// Size is the bytes of topic and payload.
func (m *Message) Size() int { return len(m.Topic.Name) + len(m.Payload) }

// Refused is how many samples are refused for certain when m is: see sinks.Fault.
func (m *Message) Refused() int {
	if !m.Whole {
		return 0
	}
	return m.To - m.From
}

// ID tells a message from others: messages of the same samples have the same one, whatever view they were cut from.
type ID struct {
	Start   Start
	Samples int    // in the payload
	joined  uint64 // tells those that were joined from others; 0: there are none
}

// Start tells the first sample of a message from others.
type Start struct {
	group      *mapping.Group
	time, bits int64
	index      uint16
}

// Series is the device and the tag of the first sample.
func (s Start) Series() (device, tag string) { return s.group.Device, s.group.Series[s.index].Tag }

// Time is that of the first sample, in nanoseconds since 1970 UTC.
func (s Start) Time() int64 { return s.time }

func startOf(g *mapping.Group, s *mapping.Sample) Start {
	return Start{g, s.Time, int64(s.Bits), s.Index}
}

// Skip is why a message need not be sent.
type Skip uint8

// The reasons. Zero is none.
const (
	_        Skip = iota
	Empty         // the format has nothing to say of its samples: they count as taken
	Unfit         // the format cannot hold its one sample: see sinks.Unfit
	TooLarge      // its one sample makes it larger than Limits.Size: it is to be refused
)

// Limits say how large messages may be; what is zero bounds nothing.
type Limits struct {
	Size int // bytes of topic and payload: what is larger is made smaller, and skipped when it cannot be
	Try  int // likewise, but what cannot be made smaller is not skipped
	// Samples is how many the message that begins with Start has at most.
	Start   Start
	Samples int
}

// samples is how many of n samples from start on a message may have.
func (l *Limits) samples(start Start, n int) int {
	if l.Samples > 0 && l.Start == start {
		return min(n, l.Samples)
	}
	return n
}

// allow reports that m, of n samples, is small enough, or is to be tried all the same.
func (l *Limits) allow(m *Message, n int) bool {
	if l.Size > 0 && m.Size() > l.Size {
		return false
	}
	return n == 1 || l.Try <= 0 || m.Size() <= l.Try
}
