package member

import (
	"slices"
	"strings"
	"time"

	"tagbridge/cmd/tagbridge/cluster/place"
)

// beats is how many beats are said within Takeover.
const beats = 8

// mostBeats is how many there are within Takeover at most, when there is news all the time.
const mostBeats = 200

// keptBeats is for how many it is known when they were said.
const keptBeats = 1024

// Tick does what is due. It returns the beat that is to be said by each server now, nil: none, and when to be called again
// unless something comes before. It is called after each Heard, too.
func (m *Member) Tick(now time.Duration) (say *Beat, next time.Duration) {
	m.attach(now)
	m.watch(now)
	if m.attached {
		m.bury(now)
		m.join()
		if m.joined || m.drain {
			m.choose(now)
		}
		m.acquire(now)
	} else if !m.o.Stop && !m.ever && !m.aside && now >= m.begun+m.o.Takeover/2 {
		m.readAlone()
	}
	if m.news {
		m.beatAt = min(m.beatAt, m.saidAt+m.o.Takeover/mostBeats)
	}
	if now >= m.beatAt {
		m.news = false
		m.saidAt, m.beatAt = now, now+m.o.Takeover/beats
		say = m.beat(now)
	}
	return say, m.next(now)
}

// attach finds out whether the member is heard.
func (m *Member) attach(now time.Duration) {
	end := m.provenAt() + m.o.Takeover
	if m.o.Stop {
		end -= m.o.Guard
	}
	m.attached = now < end
	if m.attached {
		m.ever = true
		return
	}
	m.enter(false)
	for _, e := range m.endpoints {
		if e.left != "" {
			e.left = ""
			m.changes++
		}
		e.want = 0
		if m.o.Stop && e.held {
			e.held, m.news = false, true
			m.changes++
		}
	}
}

// readAlone takes everything: there is nobody to ask.
func (m *Member) readAlone() {
	for _, e := range m.endpoints {
		if !e.held && (len(e.Only) == 0 || slices.Contains(e.Only, m.o.Node)) {
			m.take(e)
		}
	}
}

// bury forgets those of whom nothing was heard for long.
func (m *Member) bury(now time.Duration) {
	for who, p := range m.peers {
		if now >= p.heard+m.o.Takeover && m.quiet(p.heard) {
			m.gone[who] = p.beat.Seq
			delete(m.peers, who)
			m.changes++
		}
	}
	for len(m.gone) > 1000 { // of old processes; what was on its way then has come
		clear(m.gone)
	}
}

// join has the member take part once it has heard who is there.
func (m *Member) join() {
	if !m.joined && !m.drain && !m.aside && m.quiet(never) {
		m.enter(true)
		m.news = true
	}
	if m.drain || m.aside {
		m.enter(false)
	}
}

func (m *Member) enter(joined bool) {
	if m.joined != joined {
		m.joined = joined
		m.changes++
	}
}

// watch finds out who is silent since it was done last, or not any more.
func (m *Member) watch(now time.Duration) {
	for _, p := range m.peers {
		if still := m.silent(p, now); still != p.still {
			p.still = still
			m.changes++
		}
	}
}

// silent reports that nothing was heard of p for so long that another one is to prepare for its endpoints.
func (m *Member) silent(p *peer, now time.Duration) bool { return now >= p.heard+m.o.Takeover }

// choose says what this member wants, and what it leaves to others.
func (m *Member) choose(now time.Duration) {
	if m.chosenOf != m.changes {
		m.chosenOf = m.changes
		m.look(now)
		m.chosen, m.calm = place.Choose(m.members, m.places), false
	}
	if m.isCalm() {
		return
	}
	m.calm = true
	for i, e := range m.endpoints {
		name := ""
		if at := m.chosen[i]; at != place.Nobody {
			name = m.members[at].Name
		}
		m.pickUp(e, m.places[i].Owner, now)
		switch {
		case e.held && name != m.o.Node && m.ready(name, now):
			e.held, e.left, e.leftAt = false, name, now
			m.news = true
			m.changes++
		case !e.held && name == m.o.Node && e.want == 0 && m.free(e, now):
			e.want, m.news = m.seq+1, true
		case e.want > 0 && name != m.o.Node && !e.stray:
			e.want, m.news = 0, true
		}
		as := e.want == 0 && e.left == "" && e.held == (name == m.o.Node) && (e.held || m.places[i].Owner != "")
		m.calm = m.calm && as
	}
}

// isCalm reports that each endpoint is read by the one it was chosen for, and nothing has changed since that was seen.
func (m *Member) isCalm() bool { return m.calm && m.chosenOf == m.changes }

// look writes down who is there, by name, and has what.
func (m *Member) look(now time.Duration) {
	m.members, m.places = m.members[:0], m.places[:0]
	if m.joined {
		m.members = append(m.members, place.Member{Name: m.o.Node})
	}
	owners := map[uint64]string{}
	for _, p := range m.peers {
		if m.silent(p, now) {
			continue
		}
		if p.beat.Joined && !slices.ContainsFunc(m.members, func(o place.Member) bool { return o.Name == p.beat.Node }) {
			m.members = append(m.members, place.Member{Name: p.beat.Node})
		}
		for _, y := range p.beat.Yields {
			owners[y.Key] = y.To
		}
	}
	for _, p := range m.peers {
		for key := range p.holds {
			if !m.silent(p, now) {
				owners[key] = p.beat.Node
			}
		}
	}
	slices.SortFunc(m.members, func(a, b place.Member) int { return strings.Compare(a.Name, b.Name) })
	for _, e := range m.endpoints {
		at := e.Endpoint
		switch {
		case e.held:
			at.Owner = m.o.Node
		case e.left != "":
			at.Owner = e.left
		default:
			at.Owner = owners[e.key]
		}
		m.places = append(m.places, at)
	}
}

// settled is for how many times Takeover one has to have been heard before an endpoint is left to it that it need not have.
const settled = 3

// ready reports whether an endpoint can be left to the member of that name.
func (m *Member) ready(name string, now time.Duration) bool {
	for _, p := range m.peers {
		if p.beat.Node == name && p.beat.Joined && !m.silent(p, now) {
			return m.drain || now-p.first >= settled*m.o.Takeover && m.alike(p)
		}
	}
	return false
}

// free reports that nobody who may still be reading has e, or wants it with a better right.
func (m *Member) free(e *endpoint, now time.Duration) bool {
	for _, p := range m.peers {
		if m.silent(p, now) {
			continue
		}
		if _, ok := p.holds[e.key]; ok {
			return false
		}
		if _, ok := p.wants[e.key]; ok && m.yieldsTo(e, p) {
			return false
		}
	}
	return true
}

// acquire takes what is wanted, of which it is certain that nobody else has it, or can take it.
func (m *Member) acquire(now time.Duration) {
	if m.isCalm() {
		return
	}
	for _, e := range m.endpoints {
		if e.left != "" && (now >= e.leftAt+2*m.o.Takeover || !m.ready(e.left, now)) {
			e.left = ""
			m.changes++
		}
		if e.want == 0 || !m.unopposed(e, now) {
			continue
		}
		if e.want+keptBeats <= m.seq {
			e.want = m.seq + 1 // when it first said so is not known any more
		}
		if !m.proven(e.want) {
			continue
		}
		m.take(e)
	}
}

func (m *Member) take(e *endpoint) {
	e.want, e.held, m.news = 0, true, true
	e.epoch++
	e.taken++
	m.changes++
}

// unopposed reports that no other one has e or wants it. Where another one wants it too, the one with the better right says so anew.
func (m *Member) unopposed(e *endpoint, now time.Duration) bool {
	for _, p := range m.peers {
		if _, ok := p.holds[e.key]; ok {
			if !m.silent(p, now) {
				e.want, m.news = 0, true
			}
			return false
		}
		if _, ok := p.wants[e.key]; !ok || m.silent(p, now) && m.quiet(p.heard) {
			continue
		}
		if m.yieldsTo(e, p) {
			e.want, m.news = 0, true
		} else {
			e.want = m.seq + 1
		}
		return false
	}
	return true
}

// proven reports that a beat from that on came back from most of the servers, on connections that were listened to for long enough.
func (m *Member) proven(seq uint64) bool {
	at, ok := m.sent[seq]
	if !ok { // not said yet
		return false
	}
	n := 0
	for i := range m.servers {
		s := &m.servers[i]
		if s.up && s.back >= max(at, s.since+m.listen()) {
			n++
		}
	}
	return n > len(m.servers)/2
}

// beat is what is to be said now.
func (m *Member) beat(now time.Duration) *Beat {
	m.seq++
	m.sent[m.seq] = now
	if m.seq > keptBeats {
		delete(m.sent, m.seq-keptBeats)
	}
	b := &Beat{Node: m.o.Node, Run: m.o.Run, Seq: m.seq, Joined: m.joined, Plan: m.plan}
	for _, e := range m.endpoints {
		switch {
		case e.held:
			b.Holds = append(b.Holds, Claim{e.key, e.epoch})
		case e.want > 0:
			b.Wants = append(b.Wants, Claim{e.key, e.epoch + 1})
			m.news = m.news || e.want == m.seq // the next one is to prove it
		case e.left != "":
			b.Yields = append(b.Yields, Yield{Claim{e.key, e.epoch}, e.left})
		}
	}
	return b
}

// next is when there is something to do without anything coming.
func (m *Member) next(now time.Duration) time.Duration {
	at := m.beatAt
	for _, p := range m.peers {
		if end := p.heard + m.o.Takeover; end > now {
			at = min(at, end)
		}
	}
	if m.o.Stop && m.attached {
		at = min(at, m.Until())
	}
	return max(at, now)
}
