package opcua

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tagbridge/drivers/opcua/session"
	"tagbridge/drivers/opcua/wire"
)

// watch is the watchdog over the server. It looks at what the server says, not at the socket, which can stay open for
// hours after the server or the way to it has died.
type watch struct {
	asked time.Time // when the server's time was last asked for
	last  int64     // what it said
	stuck int       // how often in a row it said the same
}

// clockNode is the server's current time.
var clockNode = wire.Numeric(2258)

// due is when the server has to be asked whether it lives.
func (l *Link) due() time.Time {
	at := l.s.Heard()
	if l.clock.asked.After(at) {
		at = l.clock.asked
	}
	return at.Add(l.o.Watchdog)
}

// check asks the server for its time when nothing has been heard of it for too long. One that does not answer, or whose
// time does not go on, is dead.
func (l *Link) check(ctx context.Context) error {
	now := l.o.Now()
	if now.Before(l.due()) {
		return nil
	}
	l.clock.asked = now
	limited, cancel := context.WithTimeout(ctx, l.o.Watchdog)
	defer cancel()
	q := wire.Read{Times: wire.TimesNone}
	q.Add(clockNode, wire.AttributeValue)
	values, err := l.read(limited, &q)
	if err != nil && ctx.Err() == nil {
		if errors.Is(err, session.ErrTimeout) || errors.Is(err, context.DeadlineExceeded) {
			l.silent++
			return fmt.Errorf("the server is silent since %s", l.s.Heard().Format(time.TimeOnly))
		}
		return fmt.Errorf("watchdog: %w", err)
	}
	if err != nil {
		return err
	}
	v := values[0]
	if v.Status.IsBad() || v.Value.Type != wire.TypeDateTime || v.Value.Array {
		return nil // it answers: not all servers show their time
	}
	at := wire.NewReader(v.Value.Raw).Time()
	if at != 0 && at == l.clock.last {
		if l.clock.stuck++; l.clock.stuck > 1 {
			return errors.New("the server answers, but its clock stands still")
		}
		return nil
	}
	l.clock.last, l.clock.stuck = at, 0
	return nil
}
