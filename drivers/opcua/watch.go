package opcua

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tagbridge/drivers/opcua/wire"
)

// watch is the watchdog over the server. It looks at what the server says, not at the socket, which can stay open for
// hours after the server or the way to it has died. A server that is silent for a period is asked for its time; after
// two it is dead.
type watch struct {
	asked uint32 // the request for the server's time that is under way; 0: none
	last  int64  // the server's time, as it last said
	stuck int    // how often in a row it said the same
}

// clockRead asks for the server's time.
func clockRead() *wire.Read {
	q := &wire.Read{Times: wire.TimesNone}
	q.Add(wire.Numeric(2258), wire.AttributeValue)
	return q
}

// due is when the watchdog has to do something.
func (l *Link) due() time.Time {
	if l.clock.asked != 0 {
		return l.s.Heard().Add(2 * l.o.Watchdog)
	}
	return l.s.Heard().Add(l.o.Watchdog)
}

// check asks a server for its time that was silent for too long, and gives up one that is silent since. It does not
// wait for the answer.
func (l *Link) check(ctx context.Context) error {
	if l.o.Now().Before(l.due()) {
		return nil
	}
	if l.clock.asked != 0 && l.o.Now().Sub(l.s.Heard()) >= 2*l.o.Watchdog {
		l.silent++
		return fmt.Errorf("the server is silent since %s", l.s.Heard().Format(time.TimeOnly))
	}
	if l.clock.asked != 0 {
		return nil
	}
	id, err := l.s.Send(ctx, clockRead())
	if err != nil {
		return fmt.Errorf("watchdog: %w", err)
	}
	l.clock.asked = id
	return nil
}

// told takes the server's time. One that does not go on is that of a server that only seems to live.
func (l *Link) told(msg []byte) error {
	l.clock.asked = 0
	r := wire.NewReader(msg)
	err := r.Answer(clockRead())
	if status, ok := errors.AsType[wire.Status](err); ok && !status.SessionLost() {
		return nil // it answers, that is enough
	}
	if err != nil {
		return fmt.Errorf("watchdog: %w", err)
	}
	var v wire.DataValue
	if r.Count(1) == 1 {
		r.DataValue(&v)
	}
	if r.Err() != nil || v.Status.IsBad() || v.Value.Type != wire.TypeDateTime || v.Value.Array {
		return nil // not all servers show their time
	}
	at := wire.NewReader(v.Value.Raw).Time()
	if at == 0 || at != l.clock.last {
		l.clock.last, l.clock.stuck = at, 0
		return nil
	}
	if l.clock.stuck++; l.clock.stuck > 1 {
		return errors.New("the server answers, but its clock stands still")
	}
	return nil
}
