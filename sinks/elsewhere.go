package sinks

import (
	"context"
	"sync"
)

// Span is positions of a log, To not included.
type Span struct {
	From Pos `json:"from"`
	To   Pos `json:"to"`
}

// Elsewhere is a log of which others may have delivered a part in the place of this process, while that was gone: for the forwarder of
// one sink. It gives out nothing of what is before a position until it is known what others delivered, and then passes over that.
type Elsewhere struct {
	log  Log
	sink string

	mu    sync.Mutex
	known chan struct{} // closed once Known was called
	open  bool          // it was
	hold  Pos           // what is before it is held back meanwhile
	spans []Span        // that were delivered, ascending
	dealt Dealt         // of them, not told to the log yet
}

// NewElsewhere has what is in log before hold given to that sink only when Known was called.
func NewElsewhere(log Log, sink string, hold Pos) *Elsewhere {
	return &Elsewhere{log: log, sink: sink, hold: hold, known: make(chan struct{})}
}

// Known says what others delivered of what is before hold: spans, ascending, and what came of it. With nothing it says that nobody delivered
// anything, as far as anybody knows. It is called once.
func (e *Elsewhere) Known(spans []Span, dealt Dealt) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.spans = nil
	for _, s := range spans {
		if s.To = min(s.To, e.hold); s.From < s.To { // what came later is nobody else's, whatever positions others know
			e.spans = append(e.spans, s)
		}
	}
	if len(e.spans) > 0 {
		e.dealt.Add(dealt)
	}
	if !e.open {
		e.open = true
		close(e.known)
	}
}

// Next implements Log.
func (e *Elsewhere) Next(ctx context.Context, p Pos, q Query, v *View) (Pos, error) {
	v.Reset()
	if e.holds(p) {
		if q.Flush <= 0 { // a drain is on, or nothing is to be waited for
			return p, ctx.Err()
		}
		select {
		case <-e.known:
		case <-ctx.Done():
			return p, ctx.Err()
		}
	}
	from, until := e.next(p)
	if from > p { // acknowledged by whoever called, as it got nothing
		return from, nil
	}
	end, err := e.log.Next(ctx, p, q, v)
	if until == 0 {
		_, until = e.next(p) // it may have become known meanwhile
	}
	if err == nil && until > p && end > until {
		v.cutAt(until)
		end = until
	}
	return end, err
}

func (e *Elsewhere) holds(p Pos) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return !e.open && p < e.hold
}

// next is where the first position from p on is that nobody delivered, and where the next is that somebody did; 0: none.
func (e *Elsewhere) next(p Pos) (from, until Pos) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range e.spans {
		switch {
		case s.To <= p:
		case s.From <= p:
			p = s.To
		default:
			return p, s.From
		}
	}
	return p, 0
}

// Ack implements Log.
func (e *Elsewhere) Ack(sink string, p Pos, dealt Dealt) error {
	e.mu.Lock()
	left := e.spans[:0:0]
	for _, s := range e.spans {
		if s.To > p {
			left = append(left, s)
		}
	}
	if e.spans = left; len(left) == 0 {
		dealt.Add(e.dealt)
		e.dealt = Dealt{}
	}
	e.mu.Unlock()
	return e.log.Ack(sink, p, dealt)
}

// End implements Log.
func (e *Elsewhere) End() Pos { return e.log.End() }

// cutAt takes what stands in the log from p on out of v.
func (v *View) cutAt(p Pos) {
	n := v.n
	for n > 0 {
		if at, ok := v.position(n - 1); !ok || at < p {
			break
		}
		n--
	}
	if n < v.n {
		lost := v.Lost
		*v = v.Slice(0, n)
		v.Lost = lost
	}
}
