package modbus

import (
	"context"
	"errors"
	"slices"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
)

// mostWait bounds the wait for late answers.
const mostWait = 5 * time.Second

// awaitOverdue sees to it that no earlier answer can be taken for one to r: it waits until late ones ought to have come, then
// has the unit answer something that looks different.
func (l *bus) awaitOverdue(ctx context.Context, r request, bound time.Duration) error {
	if !l.debts.confuse(r) {
		return nil
	}
	if l.lateness == 0 {
		l.lateness = 2 * bound
	}
	late := min(l.lateness, mostWait)
	if err := l.listen(ctx, l.debts.youngest(r.unit).Add(late), func() bool { return !l.debts.confuse(r) }); err != nil {
		return err
	}
	if !l.debts.confuse(r) {
		return nil
	}
	l.lateness -= l.lateness / 4
	base := l.good[r.unit]
	if base.count == 0 {
		base = r
	}
	for begun, n := time.Now(), 0; n < markers && time.Since(begun) < bound; n++ {
		m, ok := l.debts.marker(base, r)
		if !ok {
			break
		}
		_, err := l.ask(ctx, m, wait{limit: bound})
		if _, refused := errors.AsType[Exception](err); err != nil && !refused || !l.debts.confuse(r) {
			return unlessException(err)
		}
	}
	return &drivers.NoAnswer{Quality: mapping.BadTimeout, Err: errors.New("waiting for answers that are late")}
}

// markers is how many requests are made to find out what a unit still owes.
const markers = 3

func unlessException(err error) error {
	if _, refused := errors.AsType[Exception](err); refused {
		return nil
	}
	return err
}

// sure asks r, and once more when the answer is an exception that could be meant for something asked before.
func (l *bus) sure(ctx context.Context, r request, w wait) ([]byte, error) {
	doubtful := l.debts.owes(r)
	raw, err := l.ask(ctx, r, w)
	if _, refused := errors.AsType[Exception](err); !refused || !doubtful {
		return raw, err
	}
	return l.ask(ctx, r, w)
}

// listen passes over what comes until the given time, or done.
func (l *bus) listen(ctx context.Context, until time.Time, done func() bool) error {
	l.in = l.in[:0]
	for time.Now().Before(until) && !done() {
		if _, err := l.read(ctx, until); err != nil {
			return err
		}
		l.late(request{})
	}
	return nil
}

// late takes the answers out of what was heard that are owed to other requests than r.
func (l *bus) late(r request) {
	l.debts = slices.DeleteFunc(l.debts, func(d debt) bool {
		if d.request == r || sameShape(d.request, r) {
			return false
		}
		a, ok := l.framing.parse(d.request, l.in)
		if ok && a.err != nil && d.unit == r.unit && d.function == r.function {
			return false // it may as well be the answer to r
		}
		if ok {
			l.in = append(l.in[:0], l.in[a.end:]...)
			l.lateness = max(l.lateness, 2*time.Since(d.at))
		}
		return ok
	})
}
