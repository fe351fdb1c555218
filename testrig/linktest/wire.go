package linktest

import (
	"net"
	"sync"
	"testing"
)

// wire stands between a link and its peer and does to their connections what networks do. Its methods are safe for
// concurrent use.
type wire struct {
	target, addr string
	serving      sync.WaitGroup

	mu       sync.Mutex
	changed  sync.Cond
	listener net.Listener      // nil: connections are refused
	conns    map[net.Conn]bool // both ends of each; false: it is to end
	heldBack bool              // answers wait
	left     int               // bytes of answers until it hangs up; below 0: it does not
	asked    int
	passed   int // bytes of answers
}

func newWire(t testing.TB, target string) *wire {
	w := &wire{target: target, conns: map[net.Conn]bool{}, left: -1}
	w.changed.L = &w.mu
	w.up(t)
	t.Cleanup(func() {
		w.down()
		w.serving.Wait()
	})
	return w
}

// up takes connections, after down again at the same address.
func (w *wire) up(t testing.TB) {
	t.Helper()
	addr := w.addr
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	w.mu.Lock()
	w.listener, w.addr = l, l.Addr().String()
	w.mu.Unlock()
	w.serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			w.serving.Go(func() { w.forward(c) })
		}
	})
}

// down breaks all connections and refuses others.
func (w *wire) down() {
	w.mu.Lock()
	if w.listener != nil {
		w.listener.Close()
		w.listener = nil
	}
	w.mu.Unlock()
	w.cut()
}

// cut breaks all connections.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.conns {
		c.Close()
		w.conns[c] = false
	}
	w.changed.Broadcast()
}

// hold keeps answers back, or lets them go on.
func (w *wire) hold(on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.heldBack = on
	w.changed.Broadcast()
}

// cutAfter hangs up after so many bytes of answers more, once.
func (w *wire) cutAfter(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.left = n
}

// open is how many connections links have.
func (w *wire) open() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.conns) / 2
}

func (w *wire) heard() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.asked
}

// bytes is how many bytes of answers have passed.
func (w *wire) bytes() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.passed
}

// admit counts two ends in; not when connections are refused by now.
func (w *wire) admit(a, b net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.listener == nil {
		return false
	}
	w.conns[a], w.conns[b] = true, true
	return true
}

func (w *wire) forget(a, b net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.conns, a)
	delete(w.conns, b)
	w.changed.Broadcast()
}

// forward passes bytes both ways until one side ends.
func (w *wire) forward(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", w.target)
	if err != nil {
		return
	}
	defer server.Close()
	if !w.admit(client, server) {
		return
	}
	defer w.forget(client, server)
	var both sync.WaitGroup
	both.Go(func() { w.pass(server, client, false) })
	both.Go(func() { w.pass(client, server, true) })
	both.Wait()
}

// end ends what is between two ends.
func (w *wire) end(a, b net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	a.Close()
	b.Close()
	w.conns[a], w.conns[b] = false, false
	w.changed.Broadcast()
}

func (w *wire) pass(dst, src net.Conn, answers bool) {
	defer w.end(dst, src)
	buf := make([]byte, 1<<16)
	for {
		n, err := src.Read(buf)
		if err != nil {
			return
		}
		n, goesOn := w.let(n, answers, dst)
		if _, err := dst.Write(buf[:n]); err != nil || !goesOn {
			return
		}
	}
}

// let is how many of n bytes may pass now, and whether more may later. It waits while answers are held back.
func (w *wire) let(n int, answers bool, dst net.Conn) (int, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !answers {
		w.asked++
		return n, true
	}
	for w.heldBack && w.conns[dst] && w.listener != nil {
		w.changed.Wait()
	}
	w.passed += n
	switch {
	case w.left < 0:
		return n, true
	case n < w.left:
		w.left -= n
		return n, true
	}
	n, w.left = w.left, -1
	return n, false
}
