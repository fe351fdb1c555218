package sparkplug

import (
	"cmp"
	"slices"

	"tagbridge/mapping"
	"tagbridge/sinks/message"
)

// nextDue makes the next death or birth that is due; false: there is none.
func (n *Node) nextDue(m *message.Message) bool {
	if len(n.deaths) > 0 {
		d := n.deaths[0]
		n.deaths = n.deaths[1:]
		n.die(m, d)
		return true
	}
	if n.nodeDue {
		n.nodeDue = false
		return n.birthOfNode(m)
	}
	for len(n.queue) > 0 {
		d := n.queue[0]
		n.queue = n.queue[1:]
		if n.birthOf(m, d) {
			return true
		}
	}
	return false
}

// die makes the death of d.
func (n *Node) die(m *message.Message, d *device) {
	d.alive, d.wanted = false, false
	n.start(m, d.death)
	n.finish(m)
}

// birthOfNode makes the birth of the node, with which the sequence begins; false: it would be too large.
func (n *Node) birthOfNode(m *message.Message) bool {
	n.listed = n.listed[:0]
	for _, d := range n.order {
		if d.known = d.exists(); !d.known {
			for _, o := range d.own.list {
				o.born = false
			}
			continue
		}
		n.ownMetrics(d)
		for _, o := range d.own.list {
			n.recall(o)
		}
		n.listed = append(n.listed, d.own.list...)
	}
	now := n.o.Now().UnixMilli()
	sortByTime(n.listed, now)
	n.start(m, n.birth)
	for _, o := range n.listed {
		m.Payload = n.appendBirth(m.Payload, o, Details{}, now)
	}
	m.Payload = n.appendBdSeq(m.Payload, uint64(now))
	m.Payload = appendRebirth(m.Payload, uint64(now))
	if !n.fits(m) {
		n.refused = append(n.refused, Refusal{Size: m.Size()})
		return false
	}
	n.markBorn(now, false)
	n.seq, n.born = 0, true
	n.finish(m)
	return true
}

// ownMetrics has there be all metrics of the node about d.
func (n *Node) ownMetrics(d *device) {
	if d.name != bridgeDevice {
		for _, s := range ownSeries {
			n.metric(&d.own, ownName(d.name, s.Tag), s, false)
		}
	}
	if n.o.Events {
		n.metric(&d.own, ownName(d.name, eventSeries.Tag), eventSeries, false)
	}
}

// appendRebirth appends the metric by which hosts ask for births.
func appendRebirth(b []byte, now uint64) []byte {
	b, at := begin(b, payloadMetrics)
	b = appendText(b, metricName, rebirthMetric)
	b = appendNumber(b, metricTimestamp, now)
	b = appendNumber(b, metricDatatype, uint64(Boolean))
	return end(appendNumber(b, metricBoolean, 0), at)
}

// birthOf makes the birth of d; false: it would be too large.
func (n *Node) birthOf(m *message.Message, d *device) bool {
	n.listed = n.listed[:0]
	for _, o := range d.metrics.list {
		if o.has(n.generation) {
			n.listed = append(n.listed, o)
		} else {
			o.born = false
		}
	}
	now := n.o.Now().UnixMilli()
	sortByTime(n.listed, now)
	n.start(m, d.birth)
	for _, o := range n.listed {
		m.Payload = n.appendBirth(m.Payload, o, n.o.Describe(d.name, o.series.Tag), now)
	}
	if !n.fits(m) {
		n.refuse(d, m.Size())
		return false
	}
	n.markBorn(now, true)
	d.alive, d.refused, d.spoke = true, 0, n.o.Now()
	n.finish(m)
	return true
}

// refuse notes that d cannot be born.
func (n *Node) refuse(d *device, size int) {
	if d.refused == 0 {
		n.refused = append(n.refused, Refusal{d.name, size})
	}
	d.alive, d.refused = false, size
	for _, o := range d.metrics.list {
		o.born = false
	}
}

// markBorn notes what a birth has said of n.listed: from now on, what is not newer is history. What was never read says
// nothing, but for tags that are gone: all that will come of them is history.
func (n *Node) markBorn(now int64, goneAreHistory bool) {
	for _, o := range n.listed {
		o.born, o.null = true, !o.unread() && o.sample.Kind == mapping.None
		if o.said = (mapping.Sample{}); !o.unread() {
			o.said = *o.sample
		}
		switch {
		case !o.unread():
			o.newest = millis(o.sample.Time)
			o.flagged = !o.sample.Quality.IsGood()
		case goneAreHistory && o.generation != n.generation:
			o.newest, o.flagged = now, true
		default:
			o.newest, o.flagged = none, true
		}
	}
}

// sortByTime puts the metrics of a birth in the order of their times (tck-id-operational-behavior-data-publish-dbirth-order).
func sortByTime(list []*metric, now int64) {
	slices.SortStableFunc(list, func(a, b *metric) int { return cmp.Compare(a.birthTime(now), b.birthTime(now)) })
}
