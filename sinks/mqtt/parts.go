package mqtt

import (
	"cmp"
	"slices"

	"tagbridge/mapping"
)

// parts is a run of samples of one time on their way into messages, one for each topic.
type parts struct {
	rest   []mapping.Sample // not in a message yet, those of one topic side by side
	whole  bool             // rest is in the order of the view, so that a message is of samples side by side there
	size   int              // of the run
	topics *groupTopics
	sorted []mapping.Sample
}

// begin makes run what messages are made of.
func (p *parts) begin(run []mapping.Sample, topics *groupTopics) {
	p.rest, p.whole, p.size, p.topics = run, true, len(run), topics
	if len(run) == 1 || len(topics.list) == 1 {
		return
	}
	last := p.key(&run[0])
	for i := range run {
		if key := p.key(&run[i]); key < last {
			p.sort(run)
			return
		} else {
			last = key
		}
	}
}

// only makes run, of one topic, what messages are made of; size is how many of it stand side by side in the view, first.
func (p *parts) only(run []mapping.Sample, size int, topics *groupTopics) {
	p.rest, p.whole, p.size, p.topics = run, false, size, topics
}

// key tells the topic of s from others of its group.
func (p *parts) key(s *mapping.Sample) uint16 {
	switch {
	case len(p.topics.list) == 1:
		return 0
	case p.topics.of == nil:
		return s.Index
	}
	return p.topics.of[s.Index]
}

// sort puts the samples of each topic side by side. Where each topic has one, they are so already.
func (p *parts) sort(run []mapping.Sample) {
	if p.topics.of == nil {
		return
	}
	p.sorted = append(p.sorted[:0], run...)
	slices.SortStableFunc(p.sorted, func(a, b mapping.Sample) int { return cmp.Compare(p.key(&a), p.key(&b)) })
	p.rest, p.whole = p.sorted, false
}

// part is the samples at the beginning of rest that share a topic.
func (p *parts) part() []mapping.Sample {
	key := p.key(&p.rest[0])
	for i := range p.rest {
		if p.key(&p.rest[i]) != key {
			return p.rest[:i]
		}
	}
	return p.rest
}
