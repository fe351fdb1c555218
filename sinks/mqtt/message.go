package mqtt

import (
	"errors"
	"fmt"

	"tagbridge/mapping"
	"tagbridge/sinks"
	"tagbridge/sinks/encode"
)

// message is one PUBLISH and what depends on it.
type message struct {
	topic   *topic
	payload []byte // its memory is used again once the message was answered
	retain  bool
	from    int    // samples of the view that are dealt with once all messages before this one are
	upTo    int    // and once this one is, too
	samples int    // of them those that are its own; 0: it has only a part of a run
	count   int    // all that are in the payload
	joined  uint64 // tells those that came forward from further on; 0: none did
	first   place  // the first of its samples
	// settled says that it need not be sent: verdict is known.
	settled bool
	verdict error
}

// place tells a sample from all others.
type place struct {
	group      *mapping.Group
	time, bits int64
	index      uint16
}

// format makes the payloads.
type format struct {
	topics  *template
	retain  bool
	append  func(dst []byte, b *mapping.Batch) []byte // of all samples of b, which go into one message
	grouped bool                                      // samples of one time and topic share a message
	line    *encode.Line                              // of format line
}

func newFormat(name string, topics *template, retain bool) (*format, error) {
	f := &format{topics: topics, retain: retain}
	switch name {
	case "json", "":
		var j encode.JSON
		f.append = func(dst []byte, b *mapping.Batch) []byte { return j.AppendOne(dst, b, 0) }
	case "value":
		f.append = func(dst []byte, b *mapping.Batch) []byte { return encode.AppendValue(dst, b, 0) }
	case "line":
		f.line = encode.NewLine(encode.LineOptions{})
		f.append, f.grouped = f.line.Append, true
	case "batch":
		f.append, f.grouped = new(encode.Values).Append, true
	default:
		return nil, fmt.Errorf("mqtt: format %q is not one of json value line batch", name)
	}
	return f, nil
}

// feed cuts a view into messages, in order.
type feed struct {
	*format
	v        *sinks.View
	runs     encode.Runs
	packet   int // bytes of a packet at most; 0: any
	batch    int // of v, where the next sample is
	at       int // its place there
	done     int // samples of v before it
	topics   *groupTopics
	prepared int // the batch that topics is of, plus one
	parts    parts
	one      mapping.Batch // what is encoded
	round    round
	suspect  suspect
}

// begin makes v what messages are made of, none larger than packet.
func (f *feed) begin(v *sinks.View, packet int) {
	f.v, f.packet, f.batch, f.at, f.done, f.prepared = v, packet, 0, 0, 0, 0
	f.parts.rest = nil
	f.round.begin(len(v.Batches))
}

// next makes the next message in m, whose memory it uses; false: there is none.
func (f *feed) next(m *message) bool {
	for f.batch < len(f.v.Batches) && f.at == len(f.v.Batches[f.batch].Samples) && len(f.parts.rest) == 0 {
		f.batch++
		f.at = f.round.of(f.batch) // these are in a message already
		f.done += f.at
	}
	if f.batch == len(f.v.Batches) {
		return false
	}
	b := &f.v.Batches[f.batch]
	if f.prepared != f.batch+1 {
		f.topics, f.prepared = f.format.topics.of(b.Group), f.batch+1
	}
	if len(f.parts.rest) == 0 {
		f.run(b)
	}
	f.encode(m, b)
	return true
}

// run decides which samples of b are encoded next: one, or those of one time, by topic if they have several.
func (f *feed) run(b *mapping.Batch) {
	n := 1
	if f.grouped {
		n = f.runs.Len(b.Samples[f.at:], len(b.Group.Series))
		if f.line != nil {
			n = max(1, f.line.Check(&mapping.Batch{Group: b.Group, Samples: b.Samples[f.at : f.at+n], Blob: b.Blob}))
		}
	}
	f.round.join(f, n)
	if f.round.extra > 0 {
		f.parts.only(f.round.joined.Samples, n, f.topics)
		return
	}
	f.parts.begin(b.Samples[f.at:f.at+n], f.topics)
}

// encode makes a message of as many samples of the present part as a packet can hold.
func (f *feed) encode(m *message, b *mapping.Batch) {
	part := f.parts.part()
	blob := b.Blob
	if f.round.extra > 0 {
		blob = f.round.joined.Blob
	}
	m.topic = f.topics.at(part[0].Index)
	m.retain, m.settled, m.verdict = f.retain, false, nil
	m.first = place{b.Group, part[0].Time, int64(part[0].Bits), part[0].Index}
	part = part[:f.suspect.size(m.first, len(part))]
	for {
		f.one = mapping.Batch{Group: b.Group, Samples: part, Blob: blob}
		m.payload = f.append(m.payload[:0], &f.one)
		if f.fits(m, len(part)) {
			break
		}
		if len(part) == 1 {
			m.settled, m.verdict = true, &refusal{reason: fmt.Sprintf(
				"the message has %d bytes, the broker takes %d", m.size(), f.packet)}
			break
		}
		part = part[:len(part)/2]
	}
	if f.line != nil && len(m.payload) == 0 {
		m.settled = true // nothing to say in line protocol
		if f.line.Check(&f.one) == 0 {
			m.verdict = errUnfit
		}
	}
	m.count = len(part)
	f.advance(m, len(part))
}

// fits reports whether m, of n samples, is small enough. What is only suspected of being too large is tried all the same when
// it cannot be made smaller.
func (f *feed) fits(m *message, n int) bool {
	if f.packet > 0 && m.size() > f.packet {
		return false
	}
	return n == 1 || f.suspect.limit <= 0 || m.size() <= f.suspect.limit
}

// overhead is what a PUBLISH has besides topic and payload at most: fixed header, length of the topic, packet identifier,
// length of the properties and an alias.
const overhead = 5 + 2 + 2 + 1 + 3

// errUnfit is the verdict on a message of one sample that line protocol cannot hold: see sinks.Unfit.
var errUnfit = errors.New("line protocol has no unsigned integers over 2^63-1")

// advance goes on behind n samples of the present part, which are m's.
func (f *feed) advance(m *message, n int) {
	m.from, m.samples, m.joined = f.done, 0, 0
	if f.parts.whole {
		m.samples = n
		f.at, f.done = f.at+n, f.done+n
	} else if f.round.extra > 0 && n == f.parts.size+f.round.extra {
		m.samples, m.joined = f.parts.size, f.round.print
	}
	f.parts.rest = f.parts.rest[n:]
	if !f.parts.whole && len(f.parts.rest) == 0 {
		f.at, f.done = f.at+f.parts.size, f.done+f.parts.size
	}
	m.upTo = f.done
}
