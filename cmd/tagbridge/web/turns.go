package web

import (
	"context"
	"net/http"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
)

// Long lists cost time of a processor. One of them is put together at a time, on a thread that yields to all others, and
// only for as long as somebody reads it.
const (
	maxLists  = 16               // that are put together or read at a time
	turnBytes = 64 << 10         // of a list, put together in one turn
	readTime  = 10 * time.Second // for a client to read that
)

// turns lets one list at a time be put together.
type turns struct {
	lists chan struct{}
	turn  chan struct{}
}

func newTurns() *turns {
	return &turns{lists: make(chan struct{}, maxLists), turn: make(chan struct{}, 1)}
}

// list runs f, which writes a list until a write fails. f runs at low priority, and in turn with other lists.
func (t *turns) list(w http.ResponseWriter, r *http.Request, f func(w *turnWriter)) {
	select {
	case t.lists <- struct{}{}:
		defer func() { <-t.lists }()
	default:
		w.Header().Set("Retry-After", "1")
		refuse(w, http.StatusServiceUnavailable, "%d lists are being read already: ask again when one of them is done", maxLists)
		return
	}
	bridge.AtLowPriority(func() {
		out := &turnWriter{ctx: r.Context(), turns: t, w: w, deadline: http.NewResponseController(w)}
		if out.take() {
			f(out)
			out.give()
			out.flush()
		}
	})
}

// turnWriter sends what is written to it in pieces; while one is under way, it is another list's turn.
type turnWriter struct {
	ctx      context.Context // the request's
	turns    *turns
	w        http.ResponseWriter
	deadline *http.ResponseController
	buf      []byte
	mine     bool  // it is this list's turn
	err      error // the client has gone, or does not read
}

// take waits for the turn; false: the request has ended.
func (t *turnWriter) take() bool {
	select {
	case t.turns.turn <- struct{}{}:
		t.mine = true
	case <-t.ctx.Done():
		t.err = t.ctx.Err()
	}
	return t.mine
}

func (t *turnWriter) give() {
	if t.mine {
		t.mine = false
		<-t.turns.turn
	}
}

// alive reports that there is somebody to go on for.
func (t *turnWriter) alive() bool { return t.err == nil && t.ctx.Err() == nil }

// Write implements io.Writer.
func (t *turnWriter) Write(b []byte) (int, error) {
	t.buf = append(t.buf, b...)
	if len(t.buf) >= turnBytes {
		t.give()
		t.flush()
		if t.err == nil {
			t.take()
		}
	}
	return len(b), t.err
}

// flush sends what is there.
func (t *turnWriter) flush() {
	if t.err != nil {
		return
	}
	_ = t.deadline.SetWriteDeadline(time.Now().Add(readTime)) // what is no connection has none
	_, t.err = t.w.Write(t.buf)
	t.buf = t.buf[:0]
}
