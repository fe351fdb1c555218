package sparkplug

import (
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks/message"
)

// nextOfRun makes the next message of the run; false: nothing of what is left fits into one.
func (n *Node) nextOfRun(m *message.Message) bool {
	r, w := &n.work.run, &n.work
	n.start(m, r.bound.device.data)
	count := 0
	for r.at < len(r.samples) && !n.full(m) {
		i := r.at
		if r.order != nil {
			i = int(r.order[i])
		}
		s := &r.samples[i]
		o := r.bound.metrics[s.Index]
		if o.null && s.Kind == mapping.None && !n.ends(o, s) && !n.work.v.Inherited() {
			r.at++ // a host does not tell one bad quality from another
			continue
		}
		if before := len(m.Payload); !n.add(m, o, r.batch, s) {
			m.Payload = m.Payload[:before]
			if count > 0 {
				break
			}
			n.unfit = append(n.unfit, r.start+i)
			r.at++
			continue
		}
		n.published(r.bound.device, o, s)
		r.bound.device.lent = r.bound.device.lent && n.work.v.Inherited()
		r.at++
		count++
	}
	w.follow()
	if count == 0 {
		return false
	}
	r.bound.device.spoke = n.o.Now()
	n.finish(m)
	return true
}

// follow has w be where its run is: in one that is not in the order of the view, only once all of it is dealt with.
func (w *work) follow() {
	r := &w.run
	if r.order == nil || r.at == len(r.samples) {
		w.at, w.done = r.from+r.at, r.start+r.at
	}
	w.fresh = false
}

// add adds s, a sample of b, to m; false: then m would be too large.
func (n *Node) add(m *message.Message, o *metric, b *mapping.Batch, s *mapping.Sample) bool {
	dst, at := begin(m.Payload, payloadMetrics)
	dst = append(dst, o.key...)
	time := millis(s.Time)
	dst = appendNumber(dst, metricTimestamp, uint64(time))
	if time <= o.newest || n.work.v.Inherited() {
		dst = appendNumber(dst, metricHistorical, 1)
	}
	if s.Quality.IsGood() && !o.flagged {
		m.Payload = end(appendValue(dst, o.typ, b, s), at)
		return n.fits(m)
	}
	if s.Kind == mapping.None {
		dst = appendNumber(dst, metricNull, 1)
	}
	n.properties.reset()
	n.properties.quality(s.Quality, false, true)
	dst = n.properties.append(dst)
	if s.Kind != mapping.None {
		dst = appendValue(dst, o.typ, b, s)
	}
	m.Payload = end(dst, at)
	return n.fits(m)
}

// published notes that s is in a message.
func (n *Node) published(d *device, o *metric, s *mapping.Sample) {
	if n.work.v.Inherited() { // what is so now stays
		o.flagged = o.flagged || !s.Quality.IsGood()
	} else {
		o.newest = max(o.newest, millis(s.Time))
		o.flagged, o.null = !s.Quality.IsGood(), s.Kind == mapping.None
		o.said = *s
	}
	if n.ends(o, s) {
		o.wanted = false
		if d.kept--; d.kept == 0 && d.alive {
			n.deaths = append(n.deaths, d)
		}
	}
}

// lingering is how long a device that is offline, or that others read, goes on living after the last of its history.
const lingering = time.Second

// Bury has the deaths be due of devices that live for their history only, or for that of another bridge, of which nothing has come for a while. It reports
// whether there are others.
func (n *Node) Bury() (others bool) {
	for _, d := range n.order {
		switch {
		case !d.alive || d.online != offline && !d.lent:
		case n.o.Now().Sub(d.spoke) >= lingering:
			d.alive = false
			n.deaths = append(n.deaths, d)
		default:
			others = true
		}
	}
	return others
}
