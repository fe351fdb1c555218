package sparkplug

import (
	"tagbridge/mapping"
	"tagbridge/sinks"
)

// Introduce has messages be made of v, the present values of all tags: the births that are due by them. all: every birth is
// due, as at the start of a session and when a host asks; else those of devices that are not what the last one said. The others
// need nothing: the log brings what is new of them, in order.
func (n *Node) Introduce(v *sinks.View, all bool) {
	n.Deliver(v)
	n.work.v, n.work.fresh, n.asked = nil, n.asked, false
	n.generation++
	for _, d := range n.order {
		d.forgetPresent()
	}
	for i := range v.Batches {
		n.present(&v.Batches[i])
	}
	n.plan(all || !n.born)
}

func (d *device) forgetPresent() {
	d.online = unknown
	for _, m := range d.metrics.list {
		m.batch, m.sample = nil, nil
	}
	for _, m := range d.own.list {
		m.batch, m.sample = nil, nil
	}
}

// present notes present values.
func (n *Node) present(b *mapping.Batch) {
	bound := n.bind(b.Group)
	for i := range b.Samples {
		s := &b.Samples[i]
		m := bound.metrics[s.Index]
		m.generation, m.batch, m.sample, m.wanted = n.generation, b, s, false
		m.series = b.Group.Series[s.Index]
		if k := m.series.Kind; k != mapping.None && !m.typed {
			n.retype(m, ofKind[k])
		}
		if s.Kind != mapping.None && !m.holds(s) {
			n.retype(m, typeOf(s))
		}
		if !b.Group.Own && s.Time != 0 {
			bound.device.lent = false // it is read here
		}
		if b.Group.Own && m.series.Tag == mapping.OnlineTag && s.Kind == mapping.Bool {
			bound.device.setOnline(s.Bits != 0)
		}
	}
}

func (d *device) setOnline(yes bool) {
	d.online = offline
	if yes {
		d.online, d.lent = online, false
	}
}

// plan decides who is to be born and who has died.
func (n *Node) plan(all bool) {
	n.queue, n.deaths, n.nodeDue = n.queue[:0], n.deaths[:0], false
	for _, d := range n.order {
		d.count(n.generation)
		all = all || d.exists() && (!d.known || d.own.lacking(n.generation))
	}
	n.nodeDue = all
	for _, d := range n.order {
		changed := d.changed(n.generation)
		switch {
		case !d.lives():
			if d.alive {
				n.deaths = append(n.deaths, d)
			}
			d.wanted = false
		case all || changed || !d.alive:
			n.queue = append(n.queue, d)
		}
	}
}

// has reports that m is to be in births: it is among the present values, or there is history of it.
func (m *metric) has(generation int) bool { return m.generation == generation || m.wanted }

func (d *device) count(generation int) {
	d.kept = 0
	for _, m := range d.metrics.list {
		if m.has(generation) {
			d.kept++
		}
	}
}

// exists reports that there are tags of d, or that it is the bridge.
func (d *device) exists() bool { return d.kept > 0 || d.name == bridgeDevice }

// lives reports that d is to be among the living: it has tags of which something is known, and is online as far as is known,
// or there is history of it.
func (d *device) lives() bool {
	switch {
	case d.kept == 0:
		return false
	case d.wanted:
		return true
	case d.online == offline:
		return false
	}
	if d.wanted {
		return true
	}
	for _, m := range d.metrics.list {
		if m.wanted || !m.unread() {
			return true
		}
	}
	return false
}

// changed reports that the last birth of d is not what it would be now.
func (d *device) changed(generation int) bool {
	for _, m := range d.metrics.list {
		if m.born != m.has(generation) {
			return true
		}
	}
	return false
}

// lacking reports a metric that births are to have, and that the last one had not.
func (f *family) lacking(generation int) bool {
	for _, m := range f.list {
		if m.has(generation) && !m.born {
			return true
		}
	}
	return false
}
