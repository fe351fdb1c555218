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
func (v subscriber) monitor(ctx context.Context) error {
	s := &v.p.sub
	if !s.watched && v.p.indexed() {
		s.watched = true
		if err := v.watchTable(ctx); err != nil {
			return err
		}
	}
	n := min(len(s.queue), maxItems)
	tags := s.queue[:n]
	err := v.inquire(ctx, &inquiry{
		what: "create monitored items", most: &v.limits.monitor,
		of: subjects{
			service: monitorService, n: n, name: func(k int) string { return v.p.nameOf(tags[k], v.spaces) }, also: readService,
		},
		request: func(things []int) (wire.Request, int) {
			q := wire.CreateItems{Subscription: s.id, Times: v.p.asked(), Sampling: s.interval, Queue: queueSize}
			for size := 0; len(q.Items) < len(things) && size < maxBytes; {
				it := v.item(int(tags[things[len(q.Items)]]))
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
				v.p.monitored(int(tags[k]), results[i])
			}
			return nil
		},
		refuse: func(k int, status wire.Status) { v.p.unmonitor(int(tags[k]), status) },
		ends:   func(status wire.Status) bool { return status.Base() == wire.BadSubscriptionIDInvalid },
	})
	if status, ok := refusal(err); ok && status.Base() == wire.BadSubscriptionIDInvalid {
		delete(v.push.jobs, s.id)
		s.id, s.queue = 0, nil
		return nil
	}
	if err != nil {
		return err
	}
	s.queue = s.queue[n:]
	if len(s.queue) == 0 {
		v.countUnmonitored()
	}
	return nil
}

// watchTable has the table of namespaces monitored, if the server does that.
func (v subscriber) watchTable(ctx context.Context) error {
	_, err := v.s.Call(ctx, wire.CreateItems{
		Subscription: v.p.sub.id, Times: v.p.asked(), Sampling: v.p.sub.interval, Queue: queueSize,
		Items: []wire.Item{{Node: namespaceArray, Handle: v.p.tableHandle()}},
	})
	if _, ok := refusal(err); ok {
		return nil
	}
	return err
}

// item is what is asked for tag i: with its deadband as the server sees it, in raw units.
func (v subscriber) item(i int) wire.Item {
	t := v.p.tags[i]
	it := wire.Item{Node: v.p.nodes[i].id, Handle: uint32(i)}
	if v.p.plain[i] || t.Deadband.Value == 0 || len(t.Element) > 0 {
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
func (v subscriber) countUnmonitored() {
	s := &v.p.sub
	if len(v.p.unmonitored) == 0 {
		s.pause = 0
		return
	}
	s.pause = min(max(2*s.pause, retryPeriods*v.o.Watchdog), lastRetry)
	s.retryAt = v.o.Now().Add(s.pause)
	count, most := map[wire.Status]int{}, wire.Good
	for _, status := range v.p.unmonitored {
		if !ofNode(status) {
			if count[status.Base()]++; most == wire.Good || count[status.Base()] > count[most] {
				most = status.Base()
			}
		}
	}
	if n := count[most]; n > 0 {
		v.notes.unmonitored(v.log, v.p, n, most)
	}
}

// ofNode reports a status that says something about a node, and nothing about monitoring it.
func ofNode(status wire.Status) bool {
	return status.Base() == wire.Good || explain(status) != "" || status.Base() == wire.BadAttributeIDInvalid
}

// again asks for items once more that could not be made.
func (v subscriber) again(ctx context.Context) error {
	s := &v.p.sub
	var dead wire.DeleteItems
	tooLarge := map[int]wire.Status{}
	for i, status := range v.p.unmonitored {
		if id := s.items[i]; id != 0 {
			dead.IDs = append(dead.IDs, id)
			s.items[i] = 0
		}
		s.last[i], s.from[i] = order{}, fromNowhere
		if t := v.blame.find(readService, v.p.nameOf(uint16(i), v.spaces)); t != nil && t.held.TooLarge() {
			tooLarge[i] = status
		} else if v.p.nodes[i].bad == wire.Good {
			s.queue = append(s.queue, uint16(i))
		}
	}
	v.p.mu.Lock()
	v.p.unmonitored = tooLarge
	v.p.mu.Unlock()
	v.countUnmonitored()
	if len(dead.IDs) == 0 {
		return nil
	}
	dead.Subscription = s.id
	_, err := v.s.Call(ctx, dead)
	if _, ok := refusal(err); ok {
		return nil
	}
	return err
}

// subject names the subscription of p.
func (p *Plan) subject() string { return p.o.Period.String() }

// shrink has the subscription of p made anew for half as many changes in a notification: one was too large, of p or of
// another. What is too large by itself is found when everything is read then.
func (p *Plan) shrink() {
	if p.sub.swollen {
		return // another request was refused for the same
	}
	most := int(p.perPublish)
	if most == 0 {
		most = len(p.tags)
	}
	p.perPublish = uint32(max(1, most/2))
	p.sub.swollen = true
}
