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
	asked uint32    // the request for the server's time that is under way; 0: none
	sent  time.Time // and since when
}

// clockRead asks for the server's time.
func clockRead() *wire.Read {
	q := &wire.Read{Times: wire.TimesNone}
	q.Add(currentTime, wire.AttributeValue)
	return q
}

var currentTime = wire.Numeric(2258)

// due is when the watchdog has to do something.
func (l *Link) due() time.Time {
	if l.watch.asked != 0 {
		return l.s.Heard().Add(2 * l.o.Watchdog)
	}
	return l.s.Heard().Add(l.o.Watchdog)
}

// check asks a server for its time that was silent for too long, and gives up one that is silent since. It does not
// wait for the answer.
func (l *Link) check(ctx context.Context) error {
	if l.o.Now().Before(l.due()) {
		return l.askTime(ctx)
	}
	if l.watch.asked != 0 && l.o.Now().Sub(l.s.Heard()) >= 2*l.o.Watchdog {
		l.silent++
		return fmt.Errorf("the server is silent since %s", l.s.Heard().Format(time.TimeOnly))
	}
	return l.ask(ctx)
}

// askTime asks for the server's time, now and then, for what it says.
func (l *Link) askTime(ctx context.Context) error {
	if l.o.Now().Sub(l.clock.at) < clockEvery {
		return nil
	}
	return l.ask(ctx)
}

// ask asks for the server's time, unless that is under way.
func (l *Link) ask(ctx context.Context) error {
	if l.watch.asked != 0 {
		return nil
	}
	now := l.o.Now()
	id, err := l.s.Send(ctx, clockRead())
	if err != nil {
		return fmt.Errorf("watchdog: %w", err)
	}
	l.watch.asked, l.watch.sent = id, now
	return nil
}

// told takes the server's time.
func (l *Link) told(msg []byte) error {
	l.watch.asked, l.clock.at = 0, l.o.Now()
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
	if r.Err() == nil {
		l.clock.take(&v, l.watch.sent, l.o.Now())
		l.tellClock()
	}
	return nil
}

// readClock asks a new session for the server's time, and waits for it.
func (l *Link) readClock(ctx context.Context) error {
	sent := l.o.Now()
	at := func(int) (wire.NodeID, wire.Attribute) { return currentTime, wire.AttributeValue }
	err := l.readAll(ctx, 1, at, func(_ int, v *wire.DataValue) { l.clock.take(v, sent, l.o.Now()) })
	l.tellClock()
	return err
}

// tellClock logs what is wrong with the server's clock, when that is new.
func (l *Link) tellClock() {
	c := &l.clock
	text := c.String()
	if text == "" || l.notes.clock != "" && c.still == l.notes.still && (c.offset-l.notes.offset).Abs() < max(worthTelling, c.offset.Abs()/10) {
		return
	}
	l.notes.clock, l.notes.still, l.notes.offset = text, c.still, c.offset
	l.log.Warn(text)
}
