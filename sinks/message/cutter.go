package message

import (
	"tagbridge/mapping"
	"tagbridge/sinks"
	"tagbridge/sinks/encode"
)

// Options say what messages are made.
type Options struct {
	Topic  mapping.Template
	Syntax Syntax // of topics
	Format string // json value line batch; "" is json
	// Compress is gzip or zstd, of batch and line; "" or none: payloads are as they are.
	Compress string
}

// Cutter cuts views into messages, in order. It is for one goroutine at a time.
type Cutter struct {
	Limits Limits // of the messages that are made from now on

	format format
	small  *compressor // nil: nothing is compressed
	topics topics
	v      *sinks.View
	batch  int // of v, where the next sample is
	at     int // its place there
	done   int // samples of v before it
	names  *groupTopics
	named  int // the batch that names is of, plus one
	runs   encode.Runs
	run    run
	round  round
	one    mapping.Batch // what is encoded
}

// NewCutter makes a cutter.
func NewCutter(o Options) (*Cutter, error) {
	f, err := newFormat(o.Format)
	if err != nil {
		return nil, err
	}
	c := &Cutter{format: f}
	if c.small, err = newCompressor(o.Compress, &f); err != nil {
		return nil, err
	}
	return c, c.topics.init(o.Topic, o.Syntax)
}

// Begin makes v what messages are cut from. It must not change until the last of them was made.
func (c *Cutter) Begin(v *sinks.View) {
	c.v, c.batch, c.at, c.done, c.named = v, 0, 0, 0, 0
	c.run.rest = nil
	c.round.begin(len(v.Batches))
}

// Topic is where the samples of series i of g go to.
func (c *Cutter) Topic(g *mapping.Group, i uint16) *Topic { return c.topics.of(g).at(i) }

// Done is how many samples of the view, from its start, are in messages made so far, or passed over.
func (c *Cutter) Done() int { return c.done }

// Next makes the next message in m, whose payload's memory it uses; false: there is none.
func (c *Cutter) Next(m *Message) bool {
	for len(c.run.rest) == 0 && c.batch < len(c.v.Batches) && c.at == len(c.v.Batches[c.batch].Samples) {
		c.batch++
		c.at = c.round.passed(c.batch)
		c.done += c.at
	}
	if c.batch == len(c.v.Batches) {
		return false
	}
	b := &c.v.Batches[c.batch]
	if c.named != c.batch+1 {
		c.names, c.named = c.topics.of(b.Group), c.batch+1
	}
	if len(c.run.rest) == 0 {
		c.nextRun(b)
	}
	c.make(m, b)
	return true
}

// nextRun decides which samples of b go into messages next.
func (c *Cutter) nextRun(b *mapping.Batch) {
	n := 1
	if c.format.many {
		n = c.runs.Len(b.Samples[c.at:], len(b.Group.Series))
		n = max(1, c.format.fit(part(b, c.at, c.at+n)))
	}
	if c.join(n) {
		c.run.join(c.round.all.Samples, n, c.names)
		return
	}
	c.run.begin(b.Samples[c.at:c.at+n], c.names)
}

// part is the samples i to j of b, j not included.
func part(b *mapping.Batch, i, j int) *mapping.Batch {
	return &mapping.Batch{Group: b.Group, Samples: b.Samples[i:j], Blob: b.Blob}
}

// make makes m of as many samples of the run as have one topic and one message can hold.
func (c *Cutter) make(m *Message, b *mapping.Batch) {
	samples, blob := c.run.next(), b.Blob
	if c.round.joined > 0 {
		blob = c.round.all.Blob
	}
	m.Topic, m.Skip = c.names.at(samples[0].Index), 0
	m.ID = ID{Start: startOf(b.Group, &samples[0])}
	samples = samples[:c.Limits.samples(m.ID.Start, len(samples))]
	for {
		c.one = mapping.Batch{Group: b.Group, Samples: samples, Blob: blob}
		plain := c.encode(m)
		if c.Limits.allow(m, len(samples)) && (len(samples) == 1 || c.small == nil || plain <= maxPlain) {
			m.Skip = c.format.skip(m.Payload, &c.one)
			break
		}
		if len(samples) == 1 {
			m.Skip = TooLarge
			break
		}
		samples = samples[:len(samples)/2]
	}
	m.ID.Samples = len(samples)
	c.advance(m)
}

// encode makes m's payload of c.one, and returns how long it is before it is compressed.
func (c *Cutter) encode(m *Message) (plain int) {
	if c.small == nil {
		m.Payload = c.format.append(m.Payload[:0], &c.one)
		return len(m.Payload)
	}
	c.small.plain = c.format.append(c.small.plain[:0], &c.one)
	m.Payload = c.small.append(m.Payload[:0])
	return len(c.small.plain)
}

// advance goes on after the samples of m.
func (c *Cutter) advance(m *Message) {
	n := m.ID.Samples
	m.From, m.Whole = c.done, c.run.plain
	if c.round.joined > 0 && n == c.run.size+c.round.joined {
		m.Whole, m.ID.joined = true, c.round.print
	}
	c.run.rest = c.run.rest[n:]
	switch {
	case c.run.plain:
		c.at, c.done = c.at+n, c.done+n
	case len(c.run.rest) == 0:
		c.at, c.done = c.at+c.run.size, c.done+c.run.size
	}
	m.To = c.done
}
