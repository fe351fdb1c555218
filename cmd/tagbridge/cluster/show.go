package cluster

import (
	"cmp"
	"slices"
	"time"

	"tagbridge/cmd/tagbridge/cluster/wire"
)

// showEvery is how old a picture is at most while nothing of importance changes.
const showEvery = 250 * time.Millisecond

// reader is who reads an endpoint, and since when.
type reader struct {
	id
	epoch uint64
	since time.Time
}

// show makes a new picture for others, if it is due.
func (r *runner) show(due bool) {
	if !due {
		return
	}
	now, wall := r.clock.now(), time.Now()
	r.showAt = now + showEvery
	s := &State{
		Bridge: r.o.Bridge, Node: r.o.Node, Run: r.run, Attached: r.member.Attached(), Joined: r.member.Joined(), Draining: r.draining,
		Counts: r.counts, Twin: r.twin, Servers: slices.Clone(r.servers), Claims: r.keeper.Why(),
		Stored: r.c.store.State().Warning, Lists: r.alike.lists, Releases: r.alike.releases,
	}
	s.Endpoints = r.showEndpoints(now, wall)
	s.heirs = r.heirs
	s.Members = r.showMembers(now, wall)
	r.tellUnlike(s.Members)
	r.c.shown.state.Store(s)
}

func (r *runner) showEndpoints(now time.Duration, wall time.Time) []Endpoint {
	changes := r.member.Changes()
	if r.shownOf == changes {
		return r.shown
	}
	r.shownOf = changes
	list := r.member.Readers(now)
	out := make([]Endpoint, len(list))
	next := make(map[string]reader, len(list))
	for i, e := range list {
		at := reader{id{e.Node, e.Run}, e.Epoch, wall}
		if old, ok := r.readers[e.Key]; ok && old.id == at.id {
			at.since = old.since
		}
		next[e.Key] = at
		if e.Node != "" {
			r.lastReaders[e.Key] = at.id
		}
		out[i] = Endpoint{Key: e.Key, Held: e.Held, Owner: e.Node, Run: e.Run, Epoch: e.Epoch, Since: at.since, Also: e.Also}
	}
	r.readers, r.shown = next, out
	r.heirs = newHeirs(r.member.Placing(now))
	return out
}

func (r *runner) showMembers(now time.Duration, wall time.Time) []Member {
	list := []Member{{
		Node: r.o.Node, Run: r.run, Self: true, Joined: r.member.Joined(), Draining: r.draining, Aside: r.aside, Version: r.o.Version,
		Since: r.beganAt, Heard: wall, Reads: len(r.held), Servers: r.connectedTo(), Copy: copyOf(r.said.Copy),
	}}
	known := make(map[id]bool, len(r.infos))
	for _, p := range r.member.Peers() {
		who := id{p.Node, p.Run}
		known[who] = true
		m := Member{
			Node: p.Node, Run: p.Run, Joined: p.Joined, Heard: wall.Add(p.Heard - now), Silent: now-p.Heard >= r.o.Takeover, Reads: p.Holds,
		}
		if i := r.infos[who]; i != nil {
			m.Since = i.since
			m.Draining, m.Aside, m.Version, m.Servers = i.draining, i.aside, i.program, i.servers
			m.Copy = copyOf(i.copy)
			m.Unlike = i.plan != 0 && i.plan != r.member.Plan()
		}
		list = append(list, m)
	}
	list = r.withGone(list, now, wall)
	for who, i := range r.infos {
		if !known[who] && now-i.heard > time.Minute {
			delete(r.infos, who)
		}
	}
	slices.SortFunc(list[1:], func(a, b Member) int {
		return cmp.Or(cmp.Compare(a.Node, b.Node), cmp.Compare(a.Run, b.Run))
	})
	return list
}

// mostAge is how old something is at most that is said in milliseconds.
const mostAge = uint64(1<<63-1) / uint64(time.Millisecond)

func copyOf(c wire.Copy) Copy {
	return Copy{Copies: c.Copies, Behind: c.Behind, Age: time.Duration(min(c.Age, mostAge)) * time.Millisecond}
}
