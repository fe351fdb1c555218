package opcua

import (
	"context"

	"tagbridge/drivers/opcua/wire"
)

// monitorService is what monitored nodes are subjects of.
const monitorService = 751

// monitors reports that the server pushes the values of tag i.
func (p *Plan) monitors(i uint16) bool {
	return p.o.Subscribe && p.sub.id != 0 && int(i) < len(p.sub.items) && p.sub.items[i] != 0
}

// monitor creates the next items of the queue.
func (l *Link) monitor(ctx context.Context, p *Plan) error {
	s := &p.sub
	if !s.watched && p.indexed() {
		s.watched = true
		if err := l.watchTable(ctx, p); err != nil {
			return err
		}
	}
	n := min(len(s.queue), maxItems)
	tags := s.queue[:n]
	err := l.inquire(ctx, &inquiry{
		what: "create monitored items", most: &l.limits.monitor,
		of: subjects{
			service: monitorService, n: n, name: func(k int) string { return p.nameOf(tags[k], l.spaces) }, also: readService,
		},
		request: func(things []int) (wire.Request, int) {
			q := wire.CreateItems{Subscription: s.id, Times: p.asked(), Sampling: s.interval, Queue: queueSize}
			for size := 0; len(q.Items) < len(things) && size < maxBytes; {
				it := l.item(p, int(tags[things[len(q.Items)]]))
				size += 80 + len(it.Node.Text)
				q.Items = append(q.Items, it)
			}
			return q, len(q.Items)
		},
		take: func(things []int, r *wire.Reader) error {
			results := r.ItemResults()
			if r.Err() != nil || len(results) != len(things) {
				return errCount
			}
			for i, k := range things {
				p.monitored(int(tags[k]), results[i])
			}
			return nil
		},
		refuse: func(k int, status wire.Status) { p.unmonitor(int(tags[k]), status) },
		ends:   func(status wire.Status) bool { return status.Base() == wire.BadSubscriptionIDInvalid },
	})
	if status, ok := refusal(err); ok && status.Base() == wire.BadSubscriptionIDInvalid {
		delete(l.push.jobs, s.id)
		s.id, s.queue = 0, nil
		return nil
	}
	if err != nil {
		return err
	}
	s.queue = s.queue[n:]
	if len(s.queue) == 0 {
		l.countUnmonitored(p)
	}
	return nil
}

// watchTable has the table of namespaces monitored, if the server does that.
func (l *Link) watchTable(ctx context.Context, p *Plan) error {
	_, err := l.s.Call(ctx, wire.CreateItems{
		Subscription: p.sub.id, Times: p.asked(), Sampling: p.sub.interval, Queue: queueSize,
		Items: []wire.Item{{Node: namespaceArray, Handle: p.tableHandle()}},
	})
	if _, ok := refusal(err); ok {
		return nil
	}
	return err
}

// item is what is asked for tag i: with its deadband as the server sees it, in raw units.
func (l *Link) item(p *Plan, i int) wire.Item {
	t := p.tags[i]
	it := wire.Item{Node: p.nodes[i].id, Handle: uint32(i)}
	if p.plain[i] || t.Deadband.Value == 0 || len(t.Element) > 0 {
		return it
	}
	if it.Deadband, it.Percent = t.Deadband.Value, t.Deadband.Percent; !it.Percent {
		it.Deadband *= unscale(t)
	}
	return it
}

// monitored notes what became of the item of tag i.
func (p *Plan) monitored(i int, got wire.ItemResult) {
	s := &p.sub
	switch got.Status.Base() {
	case wire.BadFilterNotAllowed, wire.BadMonitoredFilterUnsupport, wire.BadMonitoredFilterInvalid, wire.BadDeadbandFilterInvalid:
		if p.tags[i].Deadband.Value != 0 && !p.plain[i] {
			p.plain[i] = true // the bridge applies it
			s.queue = append(s.queue, uint16(i))
			return
		}
	}
	if got.Status.IsBad() {
		p.unmonitor(i, got.Status)
		return
	}
	s.items[i] = got.ID
	p.mu.Lock()
	delete(p.unmonitored, i)
	p.mu.Unlock()
}

// unmonitor notes that tag i is not monitored: it is read until it is.
func (p *Plan) unmonitor(i int, status wire.Status) {
	p.mu.Lock()
	p.unmonitored[i] = status
	p.mu.Unlock()
}

// countUnmonitored has what is not monitored tried again later, after a pause that grows as long as some is not, and
// logged.
func (l *Link) countUnmonitored(p *Plan) {
	s := &p.sub
	if len(p.unmonitored) == 0 {
		s.pause = 0
		return
	}
	s.pause = min(max(2*s.pause, retryPeriods*l.o.Watchdog), lastRetry)
	s.retryAt = l.o.Now().Add(s.pause)
	count, most := map[wire.Status]int{}, wire.Good
	for _, status := range p.unmonitored {
		if !ofNode(status) {
			if count[status.Base()]++; most == wire.Good || count[status.Base()] > count[most] {
				most = status.Base()
			}
		}
	}
	if n := count[most]; n > 0 {
		l.notes.unmonitored(l.log, p, n, most)
	}
}

// ofNode reports a status that says something about a node, and nothing about monitoring it.
func ofNode(status wire.Status) bool {
	return status.Base() == wire.Good || explain(status) != "" || status.Base() == wire.BadAttributeIDInvalid
}

// again asks for items once more that could not be made.
func (l *Link) again(ctx context.Context, p *Plan) error {
	s := &p.sub
	var dead wire.DeleteItems
	tooLarge := map[int]wire.Status{}
	for i, status := range p.unmonitored {
		if id := s.items[i]; id != 0 {
			dead.IDs = append(dead.IDs, id)
			s.items[i] = 0
		}
		s.last[i], s.from[i] = order{}, fromNowhere
		if t := l.blame.find(readService, p.nameOf(uint16(i), l.spaces)); t != nil && t.held.TooLarge() {
			tooLarge[i] = status
		} else if p.nodes[i].bad == wire.Good {
			s.queue = append(s.queue, uint16(i))
		}
	}
	p.mu.Lock()
	p.unmonitored = tooLarge
	p.mu.Unlock()
	l.countUnmonitored(p)
	if len(dead.IDs) == 0 {
		return nil
	}
	dead.Subscription = s.id
	_, err := l.s.Call(ctx, dead)
	if _, ok := refusal(err); ok {
		return nil
	}
	return err
}
