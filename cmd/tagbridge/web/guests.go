package web

import (
	"container/list"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
)

// maxConnections is how many clients are connected at a time.
const maxConnections = 256

// guests is a listener with a bounded number of connections. One more is always let in: the one that has been idle
// longest, else the one that has been busy longest, has to go. So nobody can keep others out by holding connections.
type guests struct {
	net.Listener
	most int

	mu    sync.Mutex
	known map[net.Conn]*list.Element
	idle  list.List // of net.Conn: nothing is asked on them; the longest first
	busy  list.List // of net.Conn
}

func newGuests(l net.Listener, most int) *guests {
	return &guests{Listener: l, most: most, known: map[net.Conn]*list.Element{}}
}

// Accept implements net.Listener.
func (g *guests) Accept() (net.Conn, error) {
	c, err := g.Listener.Accept()
	if err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.known) >= g.most {
		g.showOut()
	}
	g.known[c] = g.idle.PushBack(c)
	return c, nil
}

// showOut closes a connection.
func (g *guests) showOut() {
	from := &g.idle
	if from.Len() == 0 {
		from = &g.busy
	}
	c := from.Remove(from.Front()).(net.Conn)
	delete(g.known, c)
	c.Close()
}

// changed is the server's ConnState.
func (g *guests) changed(c net.Conn, state http.ConnState) {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	e, ok := g.known[c]
	if !ok {
		return
	}
	g.idle.Remove(e)
	g.busy.Remove(e)
	switch state {
	case http.StateClosed, http.StateHijacked:
		delete(g.known, c)
	case http.StateActive:
		g.known[c] = g.busy.PushBack(c)
	default:
		g.known[c] = g.idle.PushBack(c)
	}
}
