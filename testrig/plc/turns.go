package plc

import (
	"sync"
	"time"
)

// Turn is requests in a row that came by one connection, with none by another one between them.
type Turn struct {
	Conn        int // its number, from 1 in the order in which they came
	First, Last time.Time
	Requests    int
	// Again: it had a turn before. A reader that has been replaced by another one has gone on reading.
	Again bool
}

// mostTurns bounds what is remembered.
const mostTurns = 1 << 14

// readers remembers who asked.
type readers struct {
	mu    sync.Mutex
	turns []Turn
	last  map[int]bool
}

func (r *readers) asked(conn int, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.turns); n > 0 && r.turns[n-1].Conn == conn {
		t := &r.turns[n-1]
		t.Last = at
		t.Requests++
		return
	}
	if r.last == nil {
		r.last = map[int]bool{}
	}
	if len(r.turns) == mostTurns {
		r.turns = append(r.turns[:0], r.turns[mostTurns/2:]...)
	}
	r.turns = append(r.turns, Turn{Conn: conn, First: at, Last: at, Requests: 1, Again: r.last[conn]})
	r.last[conn] = true
}

// Turns is a copy of the last turns of connections, the oldest first; the newest may go on.
func (s *Server) Turns() []Turn {
	s.readers.mu.Lock()
	defer s.readers.mu.Unlock()
	return append([]Turn(nil), s.readers.turns...)
}
