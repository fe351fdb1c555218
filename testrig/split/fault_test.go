package split

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"syscall"
	"time"

	"tagbridge/testrig/cable"
	"tagbridge/testrig/natsd"
	"tagbridge/testrig/plc"
)

var (
	whole  = cable.Way{}
	silent = cable.Way{Silent: true}
	pings  = cable.Way{Pings: true}
	slow   = cable.Way{Delay: time.Second}
)

// blow is what happens to a member. It returns how to mend it.
type blow struct {
	name string
	do   func(m *member) (mend func())
	// parts: it goes on reading, with keep, as it cannot know that it is gone.
	parts bool
	// below: what it asked last may come once it is over, from where the kernel cannot take it back, such as a queue for ARP.
	below bool
	// keeps: with keep it goes on reading, and the others know it: nobody takes over.
	keeps bool
}

var blows = []blow{
	{name: "kill -9", do: func(m *member) func() { m.kill(); return m.start }},
	{name: "SIGSTOP", do: func(m *member) func() { m.freeze(); return m.thaw }, parts: true},
	{name: "cable pulled", do: func(m *member) func() { m.net.pull(m); return func() { m.net.plug(m) } }, parts: true, below: true},
	{name: "silence to NATS", do: func(m *member) func() { m.cut(silent, silent); return m.heal }, parts: true},
	{name: "silence, then reset", do: func(m *member) func() {
		m.cut(silent, silent)
		return func() {
			for _, c := range m.cables {
				c.Reset()
			}
			m.heal()
		}
	}, parts: true},
	{name: "not heard", do: func(m *member) func() { m.cut(silent, whole); return m.heal }, parts: true},
	{name: "does not hear", do: func(m *member) func() { m.cut(whole, silent); return m.heal }, keeps: true},
	{name: "pings only", do: func(m *member) func() { m.cut(pings, pings); return m.heal }, parts: true},
	{name: "reaches one server", do: func(m *member) func() {
		for _, c := range m.cables[1:] {
			c.Set(silent, silent)
		}
		return m.heal
	}, keeps: true},
	{name: "systemctl stop", do: func(m *member) func() { m.stop(); return m.start }},
}

func (m *member) heal() { m.cut(whole, whole) }

// weather is what is wrong besides, with servers and lines of others.
type weather struct {
	name string
	do   func(r *rig, others []*member, chance *rand.Rand) (mend func())
}

var weathers = []weather{
	{"nothing", func(*rig, []*member, *rand.Rand) func() { return func() {} }},
	{"a server killed", func(r *rig, _ []*member, chance *rand.Rand) func() {
		s := r.server(chance)
		s.Kill()
		return func() { s.Start(r) }
	}},
	{"a server frozen", func(r *rig, _ []*member, chance *rand.Rand) func() {
		s := r.server(chance)
		s.Freeze()
		return func() { s.Thaw() }
	}},
	{"a line of 1 s", func(r *rig, others []*member, chance *rand.Rand) func() {
		c := others[chance.IntN(len(others))].cables[chance.IntN(len(r.nats))]
		c.Set(slow, slow)
		return func() { c.Set(whole, whole) }
	}},
	{"a server reached by pings only", func(r *rig, others []*member, chance *rand.Rand) func() {
		at := chance.IntN(len(r.nats))
		for _, m := range others {
			m.cables[at].Set(pings, whole)
		}
		return func() {
			for _, m := range others {
				m.cables[at].Set(whole, whole)
			}
		}
	}},
	{"half a line", func(r *rig, others []*member, chance *rand.Rand) func() {
		c := others[chance.IntN(len(others))].cables[chance.IntN(len(r.nats))]
		c.Set(whole, silent)
		return func() { c.Set(whole, whole) }
	}},
	{"reload", func(r *rig, others []*member, _ *rand.Rand) func() {
		for _, m := range others {
			m.signal(syscall.SIGHUP)
		}
		return func() {}
	}},
}

func (r *rig) server(chance *rand.Rand) *natsd.Server { return r.nats[chance.IntN(len(r.nats))] }

// round is one schedule: a member is hit, and what is mended in the end.
type round struct {
	blow
	weather
	long   time.Duration // beyond the takeover
	before bool          // the weather comes before the blow
}

func (r round) String() string {
	return fmt.Sprintf("%s, with %s", r.blow.name, r.weather.name)
}

// takeover is how long a PLC was not read as one member followed another, and in which round.
type takeover struct {
	gap time.Duration
	of  round
	plc int
}

// play plays a schedule through, from a settled rig to a settled one, and returns what was taken over.
func (r *rig) play(what round, chance *rand.Rand) (list []takeover) {
	r.Helper()
	r.forget()
	at := r.owner(chance)
	m := r.members[at]
	others := slices.Delete(slices.Clone(r.members), at, at+1)
	owned := m.reads()
	calm := func() {}
	if what.before {
		calm = what.weather.do(r, others, chance)
	}
	readers := map[int]int{} // connections
	for _, i := range owned {
		if turns := r.turns(i); len(turns) > 0 {
			readers[i] = turns[len(turns)-1].Conn
		}
	}
	hit := time.Now()
	mend := what.blow.do(m)
	if !what.before {
		calm = what.weather.do(r, others, chance)
	}
	if r.o.isolated == "stop" || !what.keeps {
		r.await(what.String()+": others read what it had", func() bool {
			return !slices.ContainsFunc(owned, func(i int) bool { return r.heir(i, readers[i]) < 0 })
		})
		for _, i := range owned {
			turns := r.turns(i)
			k := r.heir(i, readers[i])
			last := hit
			if k > 0 {
				last = turns[k-1].Last
			}
			if d := turns[k].First.Sub(last); d > 0 {
				list = append(list, takeover{d, what, i})
			}
		}
	}
	r.sleep(what.long)
	mend()
	calm()
	r.await(what.String()+": all is well again", func() bool { return r.settled(r.members...) })
	now := time.Now()
	r.await(what.String()+": all is read again", func() bool { return r.polled(now) })
	return list
}

// heir is the turn of the first one that reads PLC i after that connection; -1: nobody does.
func (r *rig) heir(i, conn int) int {
	return slices.IndexFunc(r.turns(i), func(t plc.Turn) bool { return t.Conn > conn })
}

// owner is a member that reads something.
func (r *rig) owner(chance *rand.Rand) int {
	for _, at := range chance.Perm(len(r.members)) {
		if len(r.members[at].reads()) > 0 {
			return at
		}
	}
	r.Fatal("nobody reads anything")
	return 0
}

// sleep lets a fault last.
func (r *rig) sleep(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	}
}
