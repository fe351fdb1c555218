package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"tagbridge/drivers/opcua/wire"
)

// renewal is a request for a new token that is under way.
type renewal struct {
	id    uint32
	q     wire.OpenChannel
	asked time.Time
	hold  time.Time // until when nothing else is asked
	until time.Time // until when the answer has to be there, once the old token is of no use
}

// renew asks for a new token when three quarters of the present one's life are over. What is asked meanwhile waits for
// a fifth of the patience, as some servers take nothing with the old token any more; then it goes with the old one, so
// that a server that takes long over its keys does not hold up everything.
func (s *Session) renew(ctx context.Context) error {
	now := s.o.now()
	if now.Before(s.ch.renewAt) {
		return nil
	}
	if s.renewal == nil {
		if err := s.ask(); err != nil {
			return fmt.Errorf("renew secure channel: %w", err)
		}
	}
	until, over := s.renewal.hold, !now.Before(s.ch.expires)
	if over {
		until = s.renewal.until
	}
	for s.renewal != nil && (over || time.Now().Before(until)) {
		id, msg, err := s.receive(ctx, until)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			if err := ended(ctx); err != nil || !over {
				return err
			}
			return fmt.Errorf("renew secure channel: %w", overdue(ctx, s.renewal.asked))
		}
		if err != nil {
			return err
		}
		s.keep(id, msg)
	}
	return nil
}

// ask sends the request for a new token.
func (s *Session) ask() error {
	nonce, err := s.ch.nonce()
	if err != nil {
		return err
	}
	q := wire.OpenChannel{Renew: true, Mode: s.ch.peer.mode, Nonce: nonce, Lifetime: lifetime}
	id, err := s.send("OPN", q)
	if err != nil {
		return err
	}
	asked, patience := time.Now(), s.o.patience()
	s.renewal = &renewal{id: id, q: q, asked: asked, hold: asked.Add(patience / 5), until: asked.Add(patience)}
	return nil
}

// renewed takes the new token.
func (s *Session) renewed(msg []byte) error {
	q := s.renewal.q
	s.renewal = nil
	if err := s.ch.adopt(msg, q); err != nil {
		return &Ended{fmt.Errorf("renew: %w", err)}
	}
	return nil
}

// minBeat is how often at most the session is kept alive.
const minBeat = 250 * time.Millisecond

// heed takes what the server said of the session: for how long it lives without a request, and how large these may be.
func (s *Session) heed() {
	s.beat = max(cmp.Or(s.server.Timeout, sessionTimeout)/2, minBeat)
	if most := s.server.MaxRequest; most > 0 && (s.ch.limits.message == 0 || most < s.ch.limits.message) {
		s.ch.limits.message = most
	}
}

// upkeep does what keeps the session alive, and returns when it has to be done again. It waits for nothing.
func (s *Session) upkeep(ctx context.Context) (due time.Time, err error) {
	if s.beat == 0 {
		return time.Now().Add(time.Hour), nil
	}
	left := s.beat - s.o.now().Sub(s.sent)
	if left <= 0 {
		q := wire.Read{Times: wire.TimesNone}
		q.Add(wire.Numeric(2258), wire.AttributeValue)
		id, err := s.Send(ctx, &q)
		if err != nil {
			return due, fmt.Errorf("keep the session alive: %w", err)
		}
		s.ch.forget(id) // that it was asked is enough
		left = s.beat
	}
	return time.Now().Add(left), nil
}
