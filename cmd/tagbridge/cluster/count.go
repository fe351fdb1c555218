package cluster

import (
	"slices"
	"time"
)

// beatsOf is what one server hands over of one member.
type beatsOf struct {
	server int
	id
}

// mostBeatsOf bounds of how many the last beat is known.
const mostBeatsOf = 1000

// countBeat counts those that a server has not handed over since the last one.
func (r *runner) countBeat(server int, who id, seq uint64) {
	of := beatsOf{server, who}
	if last, ok := r.beats[of]; ok && seq > last+1 {
		r.servers[server].Lost += seq - last - 1
	}
	if len(r.beats) > mostBeatsOf {
		clear(r.beats)
	}
	r.beats[of] = max(seq, r.beats[of])
}

// count counts the time in which this member was cut off, once it had time to find the others.
func (r *runner) count(now time.Duration) {
	if !r.member.Attached() && now-r.began > 3*r.o.Takeover {
		r.counts.Isolated += now - max(r.turned, r.began)
	}
	r.turned = now
}

// countMoves counts what this member has left and taken; what it has taken of one that is silent, it has taken over.
func (r *runner) countMoves(left, taken []Change) {
	r.counts.Left += uint64(len(left))
	r.counts.Taken += uint64(len(taken))
	alive := map[id]bool{}
	now := r.clock.now()
	for _, p := range r.member.Peers() {
		if now-p.Heard < r.o.Takeover {
			alive[id{p.Node, p.Run}] = true
		}
	}
	for _, c := range taken {
		was := r.readers[c.Key].id
		if was == (id{}) {
			was = r.lastReaders[c.Key]
		}
		if i := r.infos[was]; i != nil && !alive[was] && !i.draining {
			r.counts.Takeovers++
		}
	}
}

// How long and how many members that are gone are shown.
const (
	goneFor  = 24 * time.Hour
	mostGone = 100
)

// withGone adds to list the members that are gone: silent for long, without having said that they leave. They are shown until they are
// back, or for a day.
func (r *runner) withGone(list []Member, now time.Duration, wall time.Time) []Member {
	alive := map[string]bool{}
	for i := range list {
		alive[list[i].Node] = alive[list[i].Node] || !list[i].Silent
	}
	if r.member.Attached() { // else it is this one that is cut off
		for who, i := range r.infos {
			if silence := now - i.heard; silence >= 2*r.o.Takeover && !i.draining && !alive[who.node] {
				r.lose(Member{Node: who.node, Run: who.run, Silent: true, Gone: true, Version: i.program, Since: i.since, Heard: wall.Add(-silence), Copy: copyOf(i.copy)})
			}
		}
	}
	list = slices.DeleteFunc(list, func(m Member) bool { _, gone := r.gone[m.Node]; return gone && m.Silent })
	for node, m := range r.gone {
		switch {
		case alive[node]:
			delete(r.gone, node)
			r.o.Log.Info("member of the cluster is back", "node", node, "event", clusterEvent)
		case wall.Sub(m.Heard) > goneFor:
			delete(r.gone, node)
		default:
			list = append(list, m)
		}
	}
	return list
}

// lose notes that m is gone.
func (r *runner) lose(m Member) {
	if _, told := r.gone[m.Node]; told || len(r.gone) >= mostGone {
		return
	}
	r.gone[m.Node] = m
	r.o.Log.Warn("member of the cluster is gone", "node", m.Node, "event", clusterEvent)
}

// clusterEvent is the kind of events that are about the cluster.
const clusterEvent = "cluster"
