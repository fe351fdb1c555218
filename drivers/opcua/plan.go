package opcua

import (
	"fmt"
	"sync"
	"time"

	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping"
)

// PlanOptions are how the tags of a job are read.
type PlanOptions struct {
	Subscribe  bool
	Period     time.Duration // of subscriptions: sampling and publishing
	Timestamps Timestamps
}

// Plan is how the tags of one job are read: from which nodes, in which requests, and what is wrong with which. It is
// the Work of its job: its lane's link drives it, anybody may call Raw and Err at any time.
type Plan struct {
	o      PlanOptions
	tags   []*mapping.Tag
	codecs []*mapping.Codec
	wants  []want // by index

	epoch   *era // the session for which the following holds
	nodes   []node
	chunks  []chunk
	most    int // nodes of a chunk, as the server has it
	round   round
	retryAt time.Time // when to look again for nodes that were not found
	gone    bool      // the server did not know a node that was found before
	aliased bool      // nodes have the names that RegisterNodes gave
	sub     subscription
	times   stamps
	spans   map[int]float64 // EURanges that the filter is to be told

	mu     sync.Mutex // guards the following
	raw    [][]byte   // by index
	faults map[int]string
	lost   map[int]int // values that a queue overflow has cost
	spaces []string    // of the server
}

// want is where a tag's value is, from its map.
type want struct {
	path    bool // a browse path, to be resolved by the server
	address wire.Address
	steps   []step // of the element
	err     string // it cannot be read as it is
}

// node is what a want is in the present session.
type node struct {
	id  wire.NodeID
	bad wire.Status // Good: it can be asked for
}

// NewPlan plans the reading of tags, which are those of a job's group, index for index, with their codecs.
func NewPlan(tags []*mapping.Tag, codecs []*mapping.Codec, o PlanOptions) *Plan {
	p := &Plan{
		o: o, tags: tags, codecs: codecs, wants: make([]want, len(tags)), nodes: make([]node, len(tags)),
		raw: make([][]byte, len(tags)), faults: map[int]string{}, spans: map[int]float64{}, lost: map[int]int{},
	}
	for i, t := range tags {
		p.wants[i] = wantOf(t)
	}
	p.times.init(len(tags))
	return p
}

func wantOf(t *mapping.Tag) want {
	var w want
	var err error
	if len(t.Node) > 0 && t.Node[0] == '/' {
		w.path = true
	} else if w.address, err = wire.ParseAddress(t.Node); err != nil {
		w.err = err.Error()
	}
	if w.steps, err = parseElement(t.Element); err != nil {
		w.err = err.Error()
	}
	return w
}

// maxRaw bounds what is kept of a value's bytes: long texts and arrays are cut.
const maxRaw = 64

// Raw appends the bytes of tag index's value as they last came, at most 64 of them.
func (p *Plan) Raw(dst []byte, index int) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append(dst, p.raw[index]...)
}

// Err says why tag index is bad, or how often its queue ran over; "" when there is nothing to say.
func (p *Plan) Err(index int) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := p.lost[index]; n > 0 && p.faults[index] == "" {
		return fmt.Sprintf("the server's queue ran over %d times: values in between are lost", n)
	}
	return p.faults[index]
}

// Advice says for a tag whose namespace is given by its index how to write it so that it holds when the server numbers
// its namespaces anew; "" when there is nothing to say.
func (p *Plan) Advice(index int) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := &p.wants[index]
	if w.err != "" || w.path || w.address.URI != "" || w.address.Space == 0 || int(w.address.Space) >= len(p.spaces) {
		return ""
	}
	return "better written as " + w.address.NodeID.WithURI(p.spaces)
}
