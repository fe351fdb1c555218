package sparkplug

import (
	"tagbridge/mapping"
	"tagbridge/sinks/message"
)

// own makes a message of the bridge's own samples in b, as metrics of the node, or the death that they tell of; false: there
// is nothing to be said, or the node asks.
func (n *Node) own(m *message.Message, b *mapping.Batch) bool {
	w := &n.work
	bound := n.bind(b.Group)
	n.start(m, n.data)
	count, last := 0, int64(none)
	for w.at < len(b.Samples) && !n.full(m) {
		s := &b.Samples[w.at]
		o := bound.metrics[s.Index]
		if bound.device.exists() && o.series.Tag == mapping.OnlineTag && s.Kind == mapping.Bool {
			alive := bound.device.alive
			n.turn(bound.device, o, s)
			if alive && bound.device.online != online && s.Bits == 0 {
				if count == 0 {
					n.die(m, bound.device)
					return true
				}
				break
			}
		}
		v := n.ownVerdict(bound.device, o, s)
		if v == pass {
			w.step(1)
			continue
		}
		if v == ask {
			if count == 0 {
				n.wantOwn(o, s)
			}
			break
		}
		time, before := millis(s.Time), len(m.Payload)
		if count > 0 && time > o.newest && time < last {
			break
		}
		if !n.add(m, o, b, s) {
			m.Payload = m.Payload[:before]
			if count > 0 {
				break
			}
			n.unfit = append(n.unfit, w.done)
			w.step(1)
			continue
		}
		if time > o.newest {
			last = time
		}
		n.published(bound.device, o, s)
		if !w.v.Inherited() {
			n.remember(o, b, s)
		}
		w.step(1)
		count++
	}
	if count == 0 {
		return false
	}
	n.finish(m)
	return true
}

// turn notes what s says about whether d answers: history says nothing, and least of all another bridge's.
func (n *Node) turn(d *device, o *metric, s *mapping.Sample) {
	if o.born && millis(s.Time) > o.newest && !n.work.v.Inherited() {
		d.setOnline(s.Bits != 0)
	}
}

// ownVerdict decides about s.
func (n *Node) ownVerdict(d *device, o *metric, s *mapping.Sample) verdict {
	inherited := n.work.v.Inherited()
	switch {
	case !d.exists():
		return pass
	case !o.born || s.Kind != mapping.None && !o.holds(s):
		if n.work.fresh {
			return pass
		}
		return ask
	case !inherited && o.series.Tag == mapping.OnlineTag && s.Bits != 0 && d.online == online && !d.alive && d.refused == 0 && !n.work.fresh:
		return ask
	case !inherited && o.series.Tag == mapping.OnlineTag && s.Kind == mapping.Bool && o.said.Kind == mapping.Bool && s.Bits == o.said.Bits &&
		millis(s.Time) > o.newest:
		return pass // the bridge says it every minute
	}
	return publish
}

// wantOwn asks for the births that have to come before s.
func (n *Node) wantOwn(o *metric, s *mapping.Sample) {
	if s.Kind != mapping.None && !o.holds(s) {
		n.retype(o, typeOf(s))
	}
	o.wanted = !o.born
	n.asks, n.asked = AskNow, true
}

// remember keeps the last value of a metric of the node, for the births of this session and of the next: the present values
// do not have it.
func (n *Node) remember(o *metric, b *mapping.Batch, s *mapping.Sample) {
	k := n.latest[o.name]
	if k == nil {
		k = &mapping.Batch{}
		n.latest[o.name] = k
	}
	if len(k.Samples) > 0 && k.Samples[0].Time > s.Time {
		return
	}
	k.Reset(b.Group)
	one := *s
	if s.Kind == mapping.Text {
		k.PutText(&one, b.Text(s))
	}
	k.Samples = append(k.Samples, one)
}

// recall has o, which is not among the present values, have its last value.
func (n *Node) recall(o *metric) {
	if k := n.latest[o.name]; o.sample == nil && k != nil {
		o.batch, o.sample = k, &k.Samples[0]
	}
}
