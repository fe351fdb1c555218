package cluster

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"tagbridge/cmd/tagbridge/cluster/carrier"
	"tagbridge/cmd/tagbridge/cluster/claims"
	"tagbridge/cmd/tagbridge/cluster/member"
	"tagbridge/cmd/tagbridge/cluster/wire"
)

// runner gives a member its clock and its network. It is used by the goroutine of Run.
type runner struct {
	c           *Cluster
	o           *Options
	clock       clock
	run         uint64
	began       time.Duration
	member      *member.Member
	carriers    []*carrier.Carrier
	events      chan carrier.Event
	lists       *wire.Lists
	infos       map[id]*info
	servers     []Server
	held        map[string]int // takes of what is held, as the bridge was told
	stopping    map[string]stopping
	readers     map[string]reader // of the last picture
	said        wire.Frame        // the last
	ask         bool              // the others are to say their lists
	draining    bool
	twin        string
	unlike      string // who was given other endpoints
	aside       bool
	keeper      *claims.Keeper
	found       chan []claims.Finding
	keptOf      uint64 // the member's changes that the keeper knows of
	keptJoined  bool
	epochs      map[string]uint64 // of what is held
	attached    bool
	alikeAt     time.Duration // when it is looked next whether members are alike
	otherLists  time.Duration // since when some have other servers
	alike       alike         // what was said
	showAt      time.Duration
	toldOf      uint64     // the member's changes that the bridge was told of
	shownOf     uint64     // and those that are in the list of
	shown       []Endpoint // the last picture
	heirs       *heirs     // of these
	counts      Counts
	turned      time.Duration // the last turn
	beganAt     time.Time
	lastReaders map[string]id      // the last of each endpoint
	gone        map[string]Member  // by node
	beats       map[beatsOf]uint64 // the last that came

	downLogged [][]string // of each server: what was said since it was connected
	missed     string     // the last reason
}

type id struct {
	node string
	run  uint64
}

// info is what another member says of itself besides its beat.
type info struct {
	since           time.Time
	seq             uint64
	heard           time.Duration
	age             time.Duration
	draining, aside bool
	joined          bool
	program         string
	plan            uint64 // of what it was given to be read
	servers         []string
	listed          uint64
	copy            wire.Copy
}

// stopping is an endpoint that is still being read, though it is to be left.
type stopping struct {
	take  int
	epoch uint64
}

func newRunner(c *Cluster) *runner {
	r := &runner{
		c: c, o: &c.o, clock: newClock(), events: make(chan carrier.Event, 64), found: make(chan []claims.Finding), lists: wire.NewLists(),
		infos: map[id]*info{}, lastReaders: map[string]id{}, gone: map[string]Member{}, beats: map[beatsOf]uint64{},
		held: map[string]int{}, stopping: map[string]stopping{}, readers: map[string]reader{},
		servers: make([]Server, len(c.clients)), downLogged: make([][]string, len(c.clients)),
	}
	r.beganAt = time.Now()
	r.run, r.began = rand.Uint64()|1, r.clock.now()
	c.shown.clock = r.clock
	r.member = member.New(member.Options{
		Node: c.o.Node, Run: r.run, Servers: len(c.clients), Takeover: c.o.Takeover, Stop: c.o.Stop, Guard: c.o.Guard,
		Endpoints: c.o.Endpoints,
	}, r.began)
	shared := carrier.NewServers()
	for i, client := range c.clients {
		r.servers[i] = Server{Address: client.Address()}
		r.carriers = append(r.carriers, carrier.New(carrier.Options{
			Client: client, Bridge: c.o.Bridge, Node: c.o.Node, Run: r.run, Index: i, Takeover: c.o.Takeover, Servers: shared, Events: r.events,
			Log: c.o.Log,
		}))
	}
	r.keeper = newKeeper(r)
	return r
}

// Run takes part until ctx ends. End it once nothing is read any more: it then says so, and others need not wait for Takeover. It is
// called once.
func (c *Cluster) Run(ctx context.Context) {
	defer close(c.finished)
	r := c.runner
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var wait sync.WaitGroup
	for _, s := range r.carriers {
		wait.Go(func() { s.Run(work) })
	}
	wait.Go(func() { c.store.Run(work) })
	wait.Go(func() { r.keeper.Run(work) })
	defer wait.Wait()
	defer cancel()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			r.farewell()
			return
		case e := <-r.events:
			r.take(e)
			r.takeMore()
		case do := <-c.asks:
			do(r)
		case list := <-r.found:
			r.find(list)
		case <-timer.C:
		}
		timer.Reset(r.turn())
	}
}

// takeMore takes what has come already, so that there is one turn for all of it.
func (r *runner) takeMore() {
	for range cap(r.events) {
		select {
		case e := <-r.events:
			r.take(e)
		default:
			return
		}
	}
}

// turn does what is due and returns when the next one is.
func (r *runner) turn() time.Duration {
	now := r.clock.now()
	r.judgeTwins(now)
	r.judgeAlike(now)
	say, next := r.member.Tick(now)
	r.count(now)
	changed := r.tellHeld()
	r.keep()
	if say != nil {
		r.say(say, now)
	}
	r.c.shown.until.Store(int64(r.member.Until()))
	r.tellAttached()
	r.show(changed || now >= r.showAt)
	return max(next-r.clock.now(), 0)
}

// take takes what came by a server.
func (r *runner) take(e carrier.Event) {
	now := r.clock.now()
	switch e.Kind {
	case carrier.Connected:
		r.up(e)
		r.member.Connected(e.Server, now)
	case carrier.Disconnected:
		r.down(e)
		r.member.Disconnected(e.Server)
	case carrier.Missed:
		r.unreadable(e)
		r.again(e.Server, now)
	case carrier.Beat:
		r.hear(e, now)
	}
}

// again counts what was heard by a server from now on only, as something is not known of what came by it.
func (r *runner) again(server int, now time.Duration) {
	if r.servers[server].Up {
		r.member.Connected(server, now)
	}
}

// hear takes a beat.
func (r *runner) hear(e carrier.Event, now time.Duration) {
	f := e.Frame
	if f.Node == r.o.Node && f.Run == r.run {
		r.member.Heard(e.Server, &f.Beat, now)
		return
	}
	who := id{f.Node, f.Run}
	i := r.infos[who]
	if i == nil {
		i = &info{since: time.Now()}
		r.forget()
		r.infos[who] = i
		r.member.Soon() // it does not know yet what is held here
		r.carriers[e.Server].Whole()
	}
	r.countBeat(e.Server, who, f.Seq)
	if f.Ask {
		r.member.Soon()
		r.carriers[e.Server].Whole()
	}
	switch r.lists.Complete(f, now) {
	case wire.Stale:
		return
	case wire.Unknown:
		r.ask = true
		r.member.Soon()
		r.again(e.Server, now)
		return
	}
	if f.Seq > i.seq {
		i.seq, i.heard, i.age = f.Seq, now, time.Duration(f.Age)*time.Millisecond
		i.draining, i.aside, i.joined, i.program, i.servers = f.Draining, f.Aside, f.Joined, f.Program, f.Servers
		i.plan = f.Plan
		i.listed, i.copy = f.Listed, f.Copy
	}
	r.member.Heard(e.Server, &f.Beat, now)
}

// mostInfos is of how many members something is kept, which bounds what one that is started again and again can make of it.
const mostInfos = 1000

// forget makes room for one: who was heard last longest ago is new when it is heard again.
func (r *runner) forget() {
	for len(r.infos) >= mostInfos {
		var oldest id
		at := time.Duration(1<<63 - 1)
		for who, i := range r.infos {
			if i.heard < at {
				oldest, at = who, i.heard
			}
		}
		delete(r.infos, oldest)
	}
}

// say has a beat said by every server.
func (r *runner) say(b *member.Beat, now time.Duration) {
	r.add(b)
	servers := r.connectedTo()
	if r.said.Version == 0 || !wire.Same(b, &r.said.Beat) || !slices.Equal(servers, r.said.Servers) {
		r.said.Version++
	}
	r.said = wire.Frame{
		Beat: *b, Version: r.said.Version, Ask: r.ask, Draining: r.draining, Aside: r.aside,
		Age: uint64((now - r.began) / time.Millisecond), Program: r.o.Version, Servers: servers, Level: wire.Level,
		Listed: uint64(len(r.servers)), Copy: r.copied(),
	}
	r.ask = false
	f := r.said
	for _, c := range r.carriers {
		c.Say(&f)
	}
}

// copied is how far the copy of what this member has read is.
func (r *runner) copied() wire.Copy {
	if r.o.Copied == nil {
		return wire.Copy{}
	}
	c := r.o.Copied()
	if !c.Copies {
		return wire.Copy{}
	}
	return wire.Copy{Copies: true, Behind: c.Behind, Age: uint64(max(c.Age, 0) / time.Millisecond)}
}

// add puts among what is read what is still being read, though it is to be left.
func (r *runner) add(b *member.Beat) {
	for name, s := range r.stopping {
		key := member.Key(name)
		is := func(c member.Claim) bool { return c.Key == key }
		if slices.ContainsFunc(b.Holds, is) {
			continue
		}
		b.Wants = slices.DeleteFunc(b.Wants, is)
		b.Yields = slices.DeleteFunc(b.Yields, func(y member.Yield) bool { return y.Key == key })
		b.Holds = append(b.Holds, member.Claim{Key: key, Epoch: s.epoch})
	}
	slices.SortFunc(b.Holds, byKey)
}
