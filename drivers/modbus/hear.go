package modbus

import (
	"context"
	"fmt"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
)

// hearing is the wait for an answer.
type hearing struct {
	request
	sent  time.Time
	end   time.Time     // when the request has left
	limit time.Duration // for the answer to begin
	first time.Time     // when something was first heard
	last  time.Time     // and last
	heard int           // bytes that were not understood
}

// hear reads until an answer to h has come whole, or will not come any more.
func (l *bus) hear(ctx context.Context, h *hearing) (answer, error) {
	chars := l.framing.answerChars(h.request)
	for {
		n, err := l.read(ctx, l.patience(h, chars))
		if err != nil {
			return answer{}, err
		}
		if n == 0 {
			return answer{}, l.unheard(h)
		}
		h.last = time.Now()
		l.own()
		l.late(h.request)
		h.heard = len(l.in)
		if h.heard > 0 && h.first.IsZero() {
			h.first = h.last
		}
		if a, ok := l.framing.parse(h.request, l.in); ok {
			return a, nil
		}
		if missing := l.pace.chars(chars - h.heard); h.heard > 0 && missing > leastDoze {
			if err := l.doze(ctx, min(missing/2, longestDoze)); err != nil {
				return answer{}, err
			}
		}
	}
}

// The bounds of a sleep while a frame comes in: a character at a time would cost a wake each, but its end is not to be
// slept over.
const (
	longestDoze = 5 * time.Millisecond
	leastDoze   = 2 * time.Millisecond
)

// doze lets characters come together.
func (l *bus) doze(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// patience is until when to wait for more.
func (l *bus) patience(h *hearing, chars int) time.Time {
	begin := h.end.Add(h.limit)
	if h.heard == 0 {
		return begin
	}
	rest := h.last.Add(l.pace.t35 + split)
	if h.heard < chars-1 && rest.Before(begin) {
		return begin // so far it may be noise
	}
	if most := begin.Add(h.limit + 2*l.pace.chars(chars)); rest.After(most) {
		return most
	}
	return rest
}

// unheard says what was heard instead of an answer.
func (l *bus) unheard(h *hearing) error {
	if h.heard > 0 {
		other := h.request
		if other.wide = !other.wide; !isBits(other.function) {
			if a, ok := l.framing.parse(other, l.in); ok && a.err == nil {
				return wrong(fmt.Errorf("wrong answer: %s", otherSize(h.request, len(a.data))))
			}
		}
		return wrong(fmt.Errorf("no frame that answers: heard %s; are baud and parity right, and does the device speak what url says?", shown(l.in)))
	}
	if l.silent++; l.socket && l.silent >= hopeless {
		l.close()
	}
	silence := &drivers.NoAnswer{Quality: mapping.BadTimeout, Err: fmt.Errorf("no answer within %v", h.limit.Round(time.Millisecond))}
	switch {
	case l.echo && !l.self:
		silence.Err = fmt.Errorf("%w, nor the echo of the request: is the adapter one that hears itself?", silence.Err)
	case l.self && !l.echo:
		silence.Err = fmt.Errorf("%w, only the request itself was heard: set echo: true", silence.Err)
	}
	return silence
}
