package nats

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// line is the network connection below TLS and the library. It bounds how long a piece may take to go out, and counts them, so
// that a slow line shows that it moves.
type line struct {
	net.Conn
	limit time.Duration // of a piece
	moved atomic.Uint64 // bytes written so far
	once  sync.Once
}

// piece is what is written at a time.
const piece = 16 << 10

// Write implements net.Conn.
func (l *line) Write(p []byte) (int, error) {
	done := 0
	for done < len(p) {
		if err := l.Conn.SetWriteDeadline(time.Now().Add(l.limit)); err != nil {
			return done, err
		}
		n, err := l.Conn.Write(p[done:min(done+piece, len(p))])
		done += n
		l.moved.Add(uint64(n))
		if err != nil {
			l.Close() // or what is written next would begin in the middle of this
			return done, err
		}
	}
	return done, nil
}

// SetWriteDeadline implements net.Conn: it is not the library's to set.
func (l *line) SetWriteDeadline(time.Time) error { return nil }

// SetDeadline implements net.Conn.
func (l *line) SetDeadline(t time.Time) error { return l.Conn.SetReadDeadline(t) }

// Close implements net.Conn.
func (l *line) Close() (err error) {
	l.once.Do(func() { err = l.Conn.Close() })
	return err
}
