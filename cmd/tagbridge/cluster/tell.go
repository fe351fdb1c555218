package cluster

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"tagbridge/cmd/tagbridge/cluster/carrier"
	"tagbridge/cmd/tagbridge/cluster/member"
)

func byKey(a, b member.Claim) int { return cmp.Compare(a.Key, b.Key) }

// tellHeld tells the bridge what has changed in what it is to read, and reports whether anything has.
func (r *runner) tellHeld() bool {
	changes := r.member.Changes()
	if r.toldOf == changes {
		return false
	}
	r.toldOf = changes
	now := make(map[string]int, len(r.held))
	var list []Change
	epochs := map[string]uint64{}
	r.member.Holding(func(key string, epoch uint64, taken int) {
		now[key], epochs[key] = taken, epoch
	})
	for key, take := range r.held {
		if now[key] != take {
			list = append(list, Change{Key: key, Take: take})
		}
	}
	left := len(list)
	for key, take := range now {
		if r.held[key] != take {
			list = append(list, Change{key, true, take})
		}
	}
	if len(list) == 0 {
		r.keepEpochs(epochs)
		return false
	}
	slices.SortStableFunc(list[:left], byName)
	slices.SortStableFunc(list[left:], byName)
	if r.o.Held != nil {
		for _, change := range list[:left] {
			r.stopping[change.Key] = stopping{change.Take, r.epochs[change.Key]}
		}
	}
	r.countMoves(list[:left], list[left:])
	r.held = now
	r.keepEpochs(epochs)
	r.c.shown.held.Store(&now)
	if r.o.Held != nil {
		r.o.Held(list)
	}
	r.o.Log.Info("endpoints changed hands", "taken", len(list)-left, "left", left, "reads", len(now))
	return true
}

func byName(a, b Change) int { return cmp.Compare(a.Key, b.Key) }

func (r *runner) keepEpochs(epochs map[string]uint64) { r.epochs = epochs }

// stopped takes note that nothing reads it any more.
func (r *runner) stopped(key string, take int) {
	if s, ok := r.stopping[key]; ok && s.take <= take {
		delete(r.stopping, key)
		r.member.Soon()
	}
}

func (r *runner) up(e carrier.Event) {
	s := &r.servers[e.Server]
	s.Up, s.Since, s.Name, s.Error = true, time.Now(), e.Name, ""
	r.downLogged[e.Server] = nil
	r.showAt = 0
	r.o.Log.Info("cluster server connected", "server", s.Address, "name", e.Name, "event", clusterEvent)
}

// mostReasons is how many reasons are said of a server that is not connected: it may have two in turn.
const mostReasons = 8

// down says each reason once why a server is not connected.
func (r *runner) down(e carrier.Event) {
	s := &r.servers[e.Server]
	if s.Up {
		s.Since = time.Now()
	}
	s.Up, s.Error = false, "ended"
	if e.Err != nil {
		s.Error = e.Err.Error()
	}
	if said := r.downLogged[e.Server]; !slices.Contains(said, s.Error) && len(said) < mostReasons {
		r.downLogged[e.Server] = append(said, s.Error)
		r.o.Log.Warn("cluster server not connected", "server", s.Address, "err", s.Error, "event", clusterEvent)
	}
	r.showAt = 0
}

// unreadable says once that somebody says what cannot be understood.
func (r *runner) unreadable(e carrier.Event) {
	if text := e.Err.Error(); text != r.missed {
		r.missed = text
		r.o.Log.Warn("cluster beat not understood: are all members of this release or the one before?", "server", r.servers[e.Server].Address, "err", text)
	}
}

// tellAttached says when the member is cut off, and when it is not any more.
func (r *runner) tellAttached() {
	is := r.member.Attached()
	if is == r.attached {
		return
	}
	r.attached, r.showAt = is, 0
	switch {
	case is:
		r.o.Log.Info("cluster reached", "event", clusterEvent)
	case r.o.Stop:
		r.o.Log.Warn("cluster cannot be reached: this member reads nothing until it can be", "event", clusterEvent)
	default:
		r.o.Log.Warn("cluster cannot be reached: this member goes on reading what it has", "event", clusterEvent)
	}
}

// tellUnlike says who was given other endpoints than this member.
func (r *runner) tellUnlike(list []Member) {
	var names []string
	for _, m := range list {
		if m.Unlike && !m.Silent {
			names = append(names, m.Node)
		}
	}
	text := strings.Join(names, ", ")
	if text == r.unlike {
		return
	}
	r.unlike = text
	if text == "" {
		r.o.Log.Info("cluster: all members have the same devices again")
		return
	}
	r.o.Log.Warn("cluster: members have other devices, tags, polls, only or prefer than this one: nothing is left to each other until they are "+
		"alike, but when one dies or is drained", "members", text)
}

// connectedTo are the servers by the names that they have for themselves.
func (r *runner) connectedTo() (names []string) {
	for _, s := range r.servers {
		if s.Up {
			names = append(names, s.Name)
		}
	}
	return names
}

// farewellTime bounds how long the last beat is waited for.
const farewellTime = 300 * time.Millisecond

// farewell says that nothing is held any more, so that others need not wait until this member was silent for long.
func (r *runner) farewell() {
	r.draining = true
	r.member.StandAside(true)
	clear(r.stopping)
	end := time.NewTimer(farewellTime)
	defer end.Stop()
	say, _ := r.member.Tick(r.clock.now() + r.o.Takeover/8) // which is due by then
	if say == nil {
		return
	}
	up := map[int]bool{}
	for i, s := range r.servers {
		if s.Up {
			up[i] = true
		}
	}
	r.say(say, r.clock.now())
	for len(up) > 0 {
		select {
		case e := <-r.events:
			own := e.Kind == carrier.Beat && e.Frame.Node == r.o.Node && e.Frame.Run == r.run && e.Frame.Seq >= say.Seq
			if own || e.Kind == carrier.Disconnected {
				delete(up, e.Server)
			}
		case do := <-r.c.asks:
			do(r)
		case <-end.C:
			return
		}
	}
}
