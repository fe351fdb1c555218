package member

import (
	"slices"
	"time"
)

// never is before everything.
const never = time.Duration(-1 << 60)

// server is what is known of the connection to one.
type server struct {
	up    bool
	since time.Duration // connected since
	last  time.Duration // when the newest beat that came back by it was sent
	back  time.Duration // when the one before it was: that one has been handed to all who are connected
}

// Connected says that what is sent by that server comes here from now on.
func (m *Member) Connected(server int, now time.Duration) {
	s := &m.servers[server]
	s.up, s.since, s.last, s.back = true, now, never, never
}

// Disconnected says that something may have been missed of what was sent by that server.
func (m *Member) Disconnected(server int) {
	m.servers[server].up = false
}

// cameBack takes note that the own beat of that number came back. A server hands a message to one after the other, and at the same time
// another one that came by another connection. That a beat came back does not say that others have been given it. That the next one did
// says so: what came by one connection is handed out in turn.
func (m *Member) cameBack(server int, seq uint64) {
	s := &m.servers[server]
	if at, ok := m.sent[seq]; ok && s.up && at >= s.since && at > s.last {
		s.back, s.last = s.last, at
	}
}

// provenAt is when the last of those beats was sent that have been handed to all by most of the servers.
func (m *Member) provenAt() time.Duration {
	var room [9]time.Duration
	list := room[:0]
	for i := range m.servers {
		at := never
		if s := &m.servers[i]; s.up {
			at = s.back
		}
		list = append(list, at)
	}
	slices.Sort(list)
	return list[(len(list)-1)/2]
}

// quiet reports that, of what most of the servers were given in the Takeover after since, nothing is still to come here.
// Before since there has to have been time to hear of all that live.
func (m *Member) quiet(since time.Duration) bool {
	n := 0
	for i := range m.servers {
		s := &m.servers[i]
		if s.up && s.back >= max(since+m.o.Takeover, s.since+m.listen()) {
			n++
		}
	}
	return n > len(m.servers)/2
}

// listen is for how long a new connection is listened to before it is believed that nobody else is there. Whoever holds
// something says so within Takeover; without Stop two readers harm nobody, and two beats are enough.
func (m *Member) listen() time.Duration {
	if m.o.Stop {
		return m.o.Takeover
	}
	return m.o.Takeover / 4
}
