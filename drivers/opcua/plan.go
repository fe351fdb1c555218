package opcua

import (
	"fmt"
	"maps"
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
	// Maps are the tags as their maps have them, which can leave things open that only the server knows; nil: the
	// plan's tags are all there is. Facts are what is known of that already, the plan's tags Complete with them.
	Maps  []*mapping.Tag
	Facts map[Place]Facts
	// Remake makes what goes with other tags of the job. It is called by the link's goroutine. nil: they stay as they
	// are.
	Remake func([]*mapping.Tag) mapping.Compiled
}

// Plan is how the tags of one job are read: from which nodes, in which requests, and what is wrong with which. It is
// the Work of its job: its lane's link drives it, anybody may call Raw and Err at any time.
type Plan struct {
	o         PlanOptions
	tags      []*mapping.Tag
	codecs    []*mapping.Codec
	grows     []growth   // by index
	leader    []uint16   // by index: the tag whose node is read for it too
	followers [][]uint16 // by index: the tags that it is the leader of
	outgrown  bool       // the server has more to tell, such as an array with elements without a tag

	queriedIn *era           // the session in which
	queried   map[Place]bool // the properties of these places were asked for

	epoch      *era // the session for which the following holds
	nodes      []target
	chunks     []chunk
	held       []uint16  // tags that no request asks for at the moment: they are given up, see blame
	heldUntil  time.Time // when one of them is to be asked for again; zero: none is
	most       int       // nodes of a chunk, as the server has it
	round      round
	retryAt    time.Time // when to look again for nodes that were not found
	gone       bool      // the server did not know a node that was found before
	waits      bool      // there was no time to look for all nodes
	aliased    bool      // nodes have the names that RegisterNodes gave
	sub        subscription
	times      stamps
	untyped    bool // a structure came whose type was not known, of the version of the catalog in
	typesSeen  int
	plain      map[int]bool // the server does not take the tag's deadband
	perPublish uint32       // changes in one notification; 0: any number
	silences   int          // subscriptions in a row of which nothing was heard
	lacks      bool         // the log has the tags of which the server does not tell what they need

	mu          sync.Mutex // guards the following, and changes of tags and grows
	facts       map[Place]Facts
	raw         [][]byte // by index
	faults      map[int]string
	lost        map[int]int         // values that a queue overflow has cost
	spaces      []string            // of the server
	unmonitored map[int]wire.Status // tags that are read as long as the server does not monitor them, and why it does not
	refused     wire.Status         // of the subscription, likewise
	interval    time.Duration       // at which the server publishes, when it is slower than what was asked for; else 0
	clock       string              // what there is to say of the server's
}

// growth is, for the tag of the first element that a [*] made, which step of its own that was, from 1, and the array's
// length as far as it is known.
type growth struct{ at, length int }

// target is what a tag's node is in the present session.
type target struct {
	id  wire.NodeID
	bad wire.Status // Good: it can be asked for
}

// NewPlan plans the reading of tags, which are those of a job's group, index for index, with their codecs.
func NewPlan(tags []*mapping.Tag, codecs []*mapping.Codec, o PlanOptions) *Plan {
	p := &Plan{o: o, facts: maps.Clone(o.Facts), plain: map[int]bool{}}
	if p.facts == nil {
		p.facts = map[Place]Facts{}
	}
	p.take(tags, codecs)
	p.times.init(len(tags))
	return p
}

// take has p read tags from now on, of whose nodes and values nothing is known.
func (p *Plan) take(tags []*mapping.Tag, codecs []*mapping.Codec) {
	n := len(tags)
	p.tags, p.codecs, p.grows, p.nodes = tags, codecs, make([]growth, n), make([]target, n)
	p.raw, p.faults, p.lost = make([][]byte, n), map[int]string{}, map[int]int{}
	p.leader, p.followers = make([]uint16, n), make([][]uint16, n)
	parts := map[string]int{} // of nodes, by address: their first tag
	for i, t := range tags {
		p.leader[i] = uint16(i)
		if len(t.Element) == 0 {
			continue
		}
		if first, ok := parts[t.Node.String()]; ok {
			p.leader[i] = uint16(first)
			p.followers[first] = append(p.followers[first], uint16(i))
		} else {
			parts[t.Node.String()] = i
		}
	}
	p.watchGrowth()
}

// watchGrowth has the first elements that a [*] made show when there are more of them.
func (p *Plan) watchGrowth() {
	first := map[string]*mapping.Tag{}
	for _, m := range p.o.Maps {
		if m.EachElement() {
			first[m.Name+"[0]"] = m
		}
	}
	for i, t := range p.tags {
		m := first[t.Name]
		if m != nil && m.Node.String() == t.Node.String() {
			p.grows[i] = growth{at: 1 + m.Element.Each(), length: p.facts[placeOf(m)].Length}
		}
	}
}

// leads reports a tag whose node is asked for: the first of several that are parts of one.
func (p *Plan) leads(i int) bool { return int(p.leader[i]) == i }

// maxRaw bounds what is kept of a value's bytes: long texts and arrays are cut.
const maxRaw = 64

// Raw appends the bytes of tag index's value as they last came, at most 64 of them.
func (p *Plan) Raw(dst []byte, index int) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	if index >= len(p.raw) {
		return dst // tags have gone since the index was
	}
	return append(dst, p.raw[p.leader[index]]...)
}

// Err says why tag index is bad, or how often its queue ran over; "" when there is nothing to say.
func (p *Plan) Err(index int) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if index >= len(p.tags) {
		return "" // computed, or gone
	}
	if n := p.lost[index]; n > 0 && p.faults[index] == "" {
		return fmt.Sprintf("the server's queue ran over %d times: values in between are lost", n)
	}
	if why := p.faults[index]; why != "" {
		return why
	}
	return p.unpushed(index)
}

// unpushed says why a tag is read that should be pushed; "" when it is. The caller holds mu.
func (p *Plan) unpushed(index int) string {
	status := p.unmonitored[index]
	if p.refused != wire.Good {
		status = p.refused
	}
	if ofNode(status) {
		return ""
	}
	return "the server does not monitor it, it is read now and then (mode: poll reads it at its period): " + status.Error()
}

// Remarks implements drivers.Critic.
func (p *Plan) Remarks() (list []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.clock != "" {
		list = append(list, p.clock)
	}
	if p.interval > 0 {
		list = append(list, tooSlow(p.o.Period, p.interval))
	}
	if p.refused != wire.Good {
		list = append(list, "the server makes no subscription: "+p.refused.Error()+": the tags are read now and then; mode: poll reads them at their period")
	}
	return list
}

// tooSlow says that a server publishes more slowly than it was asked to.
func tooSlow(asked, got time.Duration) string {
	return fmt.Sprintf("the server publishes every %v and not every %v: mode: poll reads more often", got, asked)
}

// unsubscribed notes with what status the server made no subscription; Good: it did.
func (p *Plan) unsubscribed(status wire.Status) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unmonitored, p.refused, p.interval = map[int]wire.Status{}, status, 0
}

// slow notes that the server publishes only so often.
func (p *Plan) slow(interval time.Duration) {
	p.mu.Lock()
	p.interval = interval
	p.mu.Unlock()
}

// Advice implements drivers.Adviser. It says for a tag whose namespace is given by its index how to write it so that it
// holds when the server numbers its namespaces anew.
func (p *Plan) Advice(index int, q mapping.Quality, _ string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if q.IsBad() || index >= len(p.tags) {
		return ""
	}
	at := p.tags[index].Node
	if at.IsPath() || at.URI != "" {
		return ""
	}
	better := at.ID.WithURI(p.spaces)
	if better == at.ID.String() {
		return ""
	}
	return "better written as " + better
}

// Lack implements drivers.Critic.
func (p *Plan) Lack(index int) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.spaces == nil || index >= len(p.tags) || !p.tags[index].Deadband.Percent {
		return ""
	}
	return fmt.Sprintf("deadband %v%% of what? The server names no range (EURange): give min and max", p.tags[index].Deadband.Value)
}

// Known is what is known of the places that maps leave open.
func (p *Plan) Known() map[Place]Facts {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.facts)
}
