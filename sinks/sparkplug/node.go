package sparkplug

import (
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
	"tagbridge/sinks/message"
)

// Options say which node it is.
type Options struct {
	Group, Node string // both are levels of topics
	Aliases     bool   // data names metrics by number
	DataTypes   bool   // data says their types too, which the specification advises against
	Events      bool   // the bridge's events are metrics of the node
	// Describe is what the configuration says of a tag besides its series; nil: nothing.
	Describe func(device, tag string) Details
	Now      func() time.Time // nil: time.Now
}

// Details are what births say of a metric, besides what its series knows.
type Details struct {
	Low, High       float64 // the plausible range
	HasLow, HasHigh bool
	Text            string // the description
	Wide            bool   // its integers have more than 32 bits
}

// Node is an edge node with its devices. What it knows is of one session; it is for one goroutine at a time. Begin starts a
// session, Introduce and Deliver say what messages are to be made of, and Next makes them, in the order in which they are to
// be published: each has its number in the sequence.
type Node struct {
	// Limit is how many bytes topic and payload of a message may have; 0: any. Data of Enough bytes gets nothing added.
	Limit, Enough int

	o           Options
	birth, data *message.Topic
	bdSeq       uint8
	seq         uint8
	born        bool // the node, in this session
	aliases     uint64
	devices     map[string]*device
	order       []*device // as they came
	bindings    mapping.PerGroup[*binding]
	latest      map[string]*mapping.Batch // the last values of metrics of the node, in all sessions

	generation int       // introductions so far
	queue      []*device // births that are due
	deaths     []*device // deaths that are due
	nodeDue    bool      // the birth of the node is due, before those
	work       work
	asks       Ask
	asked      bool // it has asked, and nothing was introduced since
	unfit      []int
	refused    []Refusal
	properties properties
	listed     []*metric // of the birth that is made
}

// Ask is why a Node asks for an introduction.
type Ask uint8

// The reasons. Zero is none.
const (
	_       Ask = iota
	AskNow      // it cannot go on without
	AskType     // the same, because of a type that it did not know before: several of those are best joined
)

// Refusal is a birth that was not made because it would be too large.
type Refusal struct {
	Device string // "": the node's own
	Size   int    // bytes of topic and payload
}

// NewNode makes a node.
func NewNode(o Options) *Node {
	if o.Describe == nil {
		o.Describe = func(string, string) Details { return Details{} }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	n := &Node{o: o, birth: o.topic("NBIRTH", ""), data: o.topic("NDATA", ""), latest: map[string]*mapping.Batch{}}
	n.Begin(0)
	return n
}

// Begin starts a session, whose will has that number: nothing is born.
func (n *Node) Begin(bdSeq uint8) {
	n.bdSeq, n.seq, n.born, n.aliases = bdSeq, 0, false, 0
	n.devices, n.order = map[string]*device{}, nil
	n.bindings = mapping.PerGroup[*binding]{}
	n.queue, n.deaths, n.nodeDue, n.asks, n.unfit, n.refused = nil, nil, false, 0, nil, nil
	n.work, n.asked = work{}, false
}

// Death is the payload of the node's death in this session, which is its will too: it has no number of the sequence.
func (n *Node) Death() []byte {
	now := uint64(n.o.Now().UnixMilli())
	b := appendNumber(nil, payloadTimestamp, now)
	return n.appendBdSeq(b, now)
}

func (n *Node) appendBdSeq(b []byte, now uint64) []byte {
	b, at := begin(b, payloadMetrics)
	b = appendText(b, metricName, "bdSeq")
	b = appendNumber(b, metricTimestamp, now)
	b = appendNumber(b, metricDatatype, uint64(Int64))
	return end(appendNumber(b, metricLong, uint64(n.bdSeq)), at)
}

// Born reports that the node has been born in this session.
func (n *Node) Born() bool { return n.born }

// Asks is why Next stopped where it did: with an introduction it goes on from there.
func (n *Node) Asks() Ask { return n.asks }

// Unfit are the places in the view, as far as it is in messages or passed over, of samples that are in none: too large for any.
func (n *Node) Unfit() []int { return n.unfit }

// Refused are the births that were not made, since the last call.
func (n *Node) Refused() []Refusal {
	list := n.refused
	n.refused = nil
	return list
}

// Deliver makes v what messages are made of: samples of the log. It must not change until the last of them was made.
func (n *Node) Deliver(v *sinks.View) {
	fresh := n.work.fresh
	n.work = work{v: v, fresh: fresh, order: n.work.order[:0]}
	n.asks, n.unfit = 0, n.unfit[:0]
}

// Done is how many samples of the view, from its start, are in messages made so far, or passed over.
func (n *Node) Done() int { return n.work.done }

// Next makes the next message in m, whose payload's memory it uses; false: there is none, or the node asks.
func (n *Node) Next(m *message.Message) bool {
	if n.nextDue(m) {
		return true
	}
	if n.work.v == nil {
		return false
	}
	return n.nextData(m)
}

// start begins a payload.
func (n *Node) start(m *message.Message, t *message.Topic) {
	m.Topic, m.From, m.Skip = t, n.work.done, 0
	m.Payload = appendNumber(m.Payload[:0], payloadTimestamp, uint64(n.o.Now().UnixMilli()))
}

// finish completes a payload with its number in the sequence.
func (n *Node) finish(m *message.Message) {
	m.Payload = appendNumber(m.Payload, payloadSeq, uint64(n.seq))
	n.seq++
	m.To = n.work.done
}

// full reports that m has enough.
func (n *Node) full(m *message.Message) bool { return n.Enough > 0 && len(m.Payload) >= n.Enough }

// fits reports that m, which a number in the sequence is still to be added to, is no larger than a message may be.
func (n *Node) fits(m *message.Message) bool {
	const seq = 3
	return n.Limit <= 0 || m.Size()+seq <= n.Limit
}
