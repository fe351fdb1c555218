package mqtt

import (
	"context"
	"fmt"
)

// reply waits for the answer to what was sent with that identifier. While bytes still go out, it waits on.
func (s *Sink) reply(ctx context.Context, kind byte, id uint16) (code byte, err error) {
	sent := s.wire.progress()
	s.timer.Reset(s.o.Timeout)
	defer s.timer.Stop()
	for {
		select {
		case a := <-s.wire.in.ear.acks:
			if a.kind == kind && a.id == id {
				return a.code, nil
			}
		case <-s.wire.gone:
			return 0, s.session.reason()
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-s.timer.C:
			now := s.wire.progress()
			if now == sent {
				return 0, fmt.Errorf("%w within %s", errSilent, s.o.Timeout)
			}
			sent = now
			if s.view != nil {
				s.view.Moved()
			}
			s.timer.Reset(s.o.Timeout)
		}
	}
}
