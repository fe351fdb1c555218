package mqtt

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// wire is the network connection below an MQTT client. What is written is taken at once and goes out in the background,
// all that has gathered meanwhile in one piece: the clients write every message by itself. How much can gather is bounded
// by the window of messages in flight.
type wire struct {
	sync.Mutex // of a whole packet: the clients' pingers write beside them
	conn       net.Conn
	in         *front

	mu      sync.Mutex
	work    *sync.Cond // there is something to write, or the end
	idle    *sync.Cond // all was written, or the end
	buf     []byte
	writing bool
	moved   uint64 // bytes written so far
	cause   error  // why the connection has ended; nil: it has not
	gone    chan struct{}
	ended   chan struct{} // the goroutine has returned
	told    func()        // is called once the connection has ended; nil: nobody is
}

// errLocal is the end of a connection that nobody asked about.
var errLocal = errors.New("connection closed")

// newWire takes over conn, over which MQTT 5 is spoken, or else 3.1.1, and starts the goroutine that writes until Close.
func newWire(conn net.Conn, five bool) *wire {
	w := &wire{conn: conn, in: newFront(conn, five), gone: make(chan struct{}), ended: make(chan struct{})}
	w.work, w.idle = sync.NewCond(&w.mu), sync.NewCond(&w.mu)
	go w.run()
	return w
}

// run writes what gathers.
func (w *wire) run() {
	defer close(w.ended)
	var out []byte
	for {
		w.mu.Lock()
		w.writing = false
		if len(w.buf) == 0 {
			w.idle.Broadcast()
		}
		for len(w.buf) == 0 && w.cause == nil {
			w.work.Wait()
		}
		if w.cause != nil {
			w.mu.Unlock()
			return
		}
		out, w.buf = w.buf, out[:0]
		w.writing = true
		w.mu.Unlock()
		if err := w.send(out); err != nil {
			w.yield()
			w.end(err)
		}
	}
}

// yield gives the reader time to find out why nothing can be written: what the other side has said last is there.
func (w *wire) yield() {
	timer := time.NewTimer(quiesce)
	defer timer.Stop()
	select {
	case <-w.gone:
	case <-timer.C:
	}
}

// piece is what is written at a time: so that a slow line shows that it moves.
const piece = 16 << 10

func (w *wire) send(out []byte) error {
	for len(out) > 0 {
		n, err := w.conn.Write(out[:min(piece, len(out))])
		out = out[n:]
		w.mu.Lock()
		w.moved += uint64(n)
		w.mu.Unlock()
		if err != nil {
			return err
		}
	}
	return nil
}

// Write implements net.Conn. It keeps nothing of p.
func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cause != nil {
		return 0, w.cause
	}
	w.buf = append(w.buf, p...)
	w.work.Signal()
	return len(p), nil
}

// flush returns when everything written so far has gone out, or with why it has not.
func (w *wire) flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for (len(w.buf) > 0 || w.writing) && w.cause == nil {
		w.idle.Wait()
	}
	return w.cause
}

// farewell sends a last packet, if the line takes it soon.
func (w *wire) farewell(packet func(io.Writer) error) {
	stop := time.AfterFunc(quiesce, func() { w.Close() })
	defer stop.Stop()
	if err := packet(w); err == nil {
		_ = w.flush() // the connection ends either way
	}
}

// quiesce is how long a farewell may take.
const quiesce = 250 * time.Millisecond

// progress is how many bytes have gone out so far.
func (w *wire) progress() uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.moved
}

// Read implements net.Conn.
func (w *wire) Read(p []byte) (int, error) {
	n, err := w.in.Read(p)
	if err != nil {
		w.end(err)
		// Not the error as it is: the 3.1.1 client takes that of a closed connection for its own doing, and forgets its
		// tokens.
		return n, w.err()
	}
	return n, nil
}

// err is why the connection has ended, nil while it has not.
func (w *wire) err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.cause
}

// end ends the connection for that reason; the first one counts.
func (w *wire) end(cause error) {
	w.mu.Lock()
	first, told := w.cause == nil, w.told
	if first {
		w.cause = cause
		close(w.gone)
		w.work.Broadcast()
		w.idle.Broadcast()
	}
	w.mu.Unlock()
	if first {
		w.conn.Close()
		if told != nil {
			told()
		}
	}
}

// tell has told be called once the connection has ended.
func (w *wire) tell(told func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.told = told
}

// packet sends a packet beside those of the clients, whose own are written whole. What has gathered unsent is bounded: the
// other side may be one that asks and never reads.
func (w *wire) packet(p []byte) error {
	w.Lock()
	defer w.Unlock()
	w.mu.Lock()
	full := len(w.buf) > maxUnsent
	w.mu.Unlock()
	if full {
		return errors.New("the broker sends and does not read")
	}
	_, err := w.Write(p)
	return err
}

// maxUnsent is how much may have gathered when acknowledgements are added.
const maxUnsent = 64 << 20

// Close implements net.Conn.
func (w *wire) Close() error {
	w.end(errLocal)
	return nil
}

// LocalAddr implements net.Conn.
func (w *wire) LocalAddr() net.Addr { return w.conn.LocalAddr() }

// RemoteAddr implements net.Conn.
func (w *wire) RemoteAddr() net.Addr { return w.conn.RemoteAddr() }

// SetDeadline implements net.Conn: that of writing is not the clients' to set, as they write into memory.
func (w *wire) SetDeadline(t time.Time) error { return w.conn.SetReadDeadline(t) }

// SetReadDeadline implements net.Conn.
func (w *wire) SetReadDeadline(t time.Time) error { return w.conn.SetReadDeadline(t) }

// SetWriteDeadline implements net.Conn, see SetDeadline.
func (w *wire) SetWriteDeadline(time.Time) error { return nil }
