package member

import (
	"time"

	"tagbridge/cmd/tagbridge/cluster/place"
)

// Options are what a member is given. Takeover and the endpoints are the same for all of a cluster.
type Options struct {
	Node string
	Run  uint64 // of this process, such as a random number
	// Servers is how many there are.
	Servers int
	// Takeover is for how long a member may be silent.
	Takeover time.Duration
	// Stop: an endpoint never has two readers; one that is cut off reads nothing.
	Stop bool
	// Guard is how long before Takeover a member stops, with Stop: enough to end a request and close its connection.
	Guard time.Duration
	// Endpoints are what is to be read. Their Owner is of no importance.
	Endpoints []place.Endpoint
}

// Member is one. Its times are those of a monotonic clock that goes on while the process is stopped. It is used by one goroutine.
type Member struct {
	o         Options
	servers   []server
	peers     map[id]*peer
	gone      map[id]uint64 // the last beat of those who are
	sent      map[uint64]time.Duration
	seq       uint64
	begun     time.Duration
	beatAt    time.Duration // when the next beat is due
	saidAt    time.Duration // when the last one was
	news      bool          // a beat is due at once
	attached  bool
	joined    bool
	ever      bool // it has been attached
	drain     bool
	aside     bool
	endpoints []*endpoint
	byKey     map[uint64]*endpoint
	plan      uint64         // of the endpoints
	changes   uint64         // grows with all that a choice is made of
	members   []place.Member // of the last choice
	places    []place.Endpoint
	chosen    []int
	chosenOf  uint64 // the changes that it is made of; 0: none was made
	calm      bool   // see isCalm
}

type id struct {
	node string
	run  uint64
}

type endpoint struct {
	place.Endpoint
	key   uint64
	epoch uint64 // the highest known of
	held  bool
	taken int    // how many times since the process began
	want  uint64 // the beat that first said so, since nobody else did; 0: it is not wanted

	left   string // to whom it was left; "": to nobody
	leftAt time.Duration
	idle   bool // nobody has it, since idleAt
	idleAt time.Duration
	stray  bool // it was picked up: see pickUp
}

// New makes a member at that time.
func New(o Options, now time.Duration) *Member {
	m := &Member{
		o: o, servers: make([]server, o.Servers), peers: map[id]*peer{}, gone: map[id]uint64{}, sent: map[uint64]time.Duration{},
		begun: now, beatAt: now, saidAt: never, byKey: map[uint64]*endpoint{},
	}
	for i := range m.servers {
		m.servers[i].back, m.servers[i].last = never, never
	}
	m.Configure(o.Endpoints)
	return m
}

// Configure changes what is to be read. What stays is not interrupted.
func (m *Member) Configure(endpoints []place.Endpoint) {
	before := m.byKey
	m.changes++
	m.endpoints, m.byKey = m.endpoints[:0:0], make(map[uint64]*endpoint, len(endpoints))
	for _, p := range endpoints {
		e := &endpoint{Endpoint: p, key: Key(p.Key)}
		if old := before[e.key]; old != nil {
			old.Endpoint, old.stray = p, false
			e = old
		}
		m.endpoints, m.byKey[e.key] = append(m.endpoints, e), e
	}
	m.plan = planOf(endpoints)
	m.news = true
}

// Known says that somebody else has taken an endpoint that many times, which was found where claims are kept: so epochs grow although all
// members were stopped. What this member holds it goes on to hold, with a higher one.
func (m *Member) Known(key, epoch uint64) {
	e := m.byKey[key]
	switch {
	case e == nil || epoch < e.epoch:
	case e.held:
		e.epoch, m.news = epoch+1, true
		m.changes++
	case epoch > e.epoch:
		e.epoch = epoch
		m.changes++
	}
}

// Overtaken says that somebody else has taken an endpoint that many times who knew that this member had it, which was found where claims
// are kept: this member does not hold it any more, if it has a lower epoch.
func (m *Member) Overtaken(key, epoch uint64) {
	e := m.byKey[key]
	if e == nil || epoch <= e.epoch {
		return
	}
	m.changes++
	e.epoch = epoch
	if e.held {
		e.held, m.news = false, true
	}
}

// Soon has the next beat said without waiting for its time.
func (m *Member) Soon() { m.news = true }

// StandAside has the member hold and take nothing while that is so. It goes on to listen and to be heard.
func (m *Member) StandAside(aside bool) {
	if m.aside == aside {
		return
	}
	m.aside, m.news = aside, true
	m.changes++
	for _, e := range m.endpoints {
		if aside {
			e.held, e.want, e.left = false, 0, ""
		}
	}
}

// Drain has the member give all it has to others, and take nothing any more; off: it takes part again.
func (m *Member) Drain(on bool) { m.drain, m.news = on, true }

// Held reports whether that endpoint is this member's to read, at any time before Until.
func (m *Member) Held(key string) bool {
	e := m.byKey[Key(key)]
	return e != nil && e.held
}

// Attached reports whether it hears, and is heard by, the others.
func (m *Member) Attached() bool { return m.attached }

// forever is a time that does not come.
const forever = time.Duration(1<<63 - 1)

// Until is when it has to have stopped reading, whatever Held says, unless it is later by then.
func (m *Member) Until() time.Duration {
	if !m.o.Stop {
		return forever
	}
	return m.provenAt() + m.o.Takeover - m.o.Guard
}

// Heard takes a beat that came by that server. It is not changed any more, by anybody.
func (m *Member) Heard(server int, b *Beat, now time.Duration) {
	who := id{b.Node, b.Run}
	if who == (id{m.o.Node, m.o.Run}) {
		m.cameBack(server, b.Seq)
		return
	}
	p := m.peers[who]
	if p == nil {
		if last, ok := m.gone[who]; ok && b.Seq <= last {
			return // it was on its way for long
		}
		p = &peer{first: now}
		m.peers[who] = p
	}
	if b.Seq <= p.beat.Seq {
		return
	}
	if now-p.heard >= m.o.Takeover {
		p.first = now
	}
	if p.take(b, now) {
		m.changes++
	}
	for _, c := range b.Holds {
		if e := m.byKey[c.Key]; e != nil {
			m.otherHolds(e, p, c.Epoch)
		}
	}
	for _, y := range b.Yields {
		if e := m.byKey[y.Key]; e != nil && y.Epoch > e.epoch {
			e.epoch = y.Epoch
			m.changes++
		}
	}
}

// otherHolds has the one with the lower epoch stop.
func (m *Member) otherHolds(e *endpoint, p *peer, epoch uint64) {
	mine := e.epoch
	if epoch > mine {
		e.epoch, e.left = epoch, ""
		m.changes++
	}
	if e.held && (epoch > mine || epoch == mine && m.yieldsTo(e, p)) {
		e.held, m.news = false, true
		m.changes++
	}
}

// yieldsTo reports that, of this member and p, p has the better right to e, where nothing else says it: not always the same one has.
func (m *Member) yieldsTo(e *endpoint, p *peer) bool {
	mine, theirs := Key(m.o.Node)*e.key, Key(p.beat.Node)*e.key
	switch {
	case theirs != mine:
		return theirs < mine
	case p.beat.Node != m.o.Node:
		return p.beat.Node < m.o.Node
	}
	return p.beat.Run < m.o.Run // two that were given one name
}
