package journal

import (
	"context"
	"math"
	"slices"
	"time"

	"tagbridge/sinks"
)

// waiter is a call of Next that waits. It is woken once: when enough samples are there, when its flush timer fires,
// or at the end; never for each append, as a wake costs more than many samples.
type waiter struct {
	at    sinks.Pos // woken when so far is visible
	flush time.Duration
	armed bool        // its timer runs
	timer *time.Timer // from the first sample that came
	wake  chan struct{}
}

func (w *waiter) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// publish lets the sinks see what is before p. It is called under the lock.
func (j *Journal) publish(p sinks.Pos) {
	if p <= j.visible {
		return
	}
	j.visible = p
	for _, w := range j.waiters {
		if w.at <= p {
			w.signal()
		}
	}
	j.arm()
}

// arm starts the timers of those for whom the first sample has come. It is called under the lock.
func (j *Journal) arm() {
	for _, w := range j.waiters {
		if !w.armed {
			w.armed = true
			w.timer.Reset(w.flush)
		}
	}
}

// wait returns when q is content with what is visible from p on.
func (j *Journal) wait(ctx context.Context, p sinks.Pos, q sinks.Query) error {
	j.mu.Lock()
	w, err := j.enqueue(p, q)
	j.mu.Unlock()
	if w == nil || err != nil {
		return err
	}
	defer j.dequeue(w)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-w.wake:
			return nil
		case <-w.timer.C:
			if j.ripe(w, p) {
				return nil
			}
		}
	}
}

// ripe reports whether anything from p on is visible; if not, what came is still to be written, and w waits for that.
func (j *Journal) ripe(w *waiter, p sinks.Pos) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.visible > p {
		return true
	}
	w.at = p + 1
	return false
}

// enqueue makes a waiter, or none when there is nothing to wait for.
func (j *Journal) enqueue(p sinks.Pos, q sinks.Query) (*waiter, error) {
	at := p + sinks.Pos(max(q.Max, 1))
	switch {
	case j.closed:
		return nil, ErrClosed
	case q.Flush <= 0 || j.visible >= at:
		return nil, nil
	}
	w := &waiter{at: at, flush: q.Flush, timer: time.NewTimer(math.MaxInt64), wake: make(chan struct{}, 1)}
	j.waiters = append(j.waiters, w)
	if j.tail.end > p {
		j.arm()
	}
	return w, nil
}

func (j *Journal) dequeue(w *waiter) {
	j.mu.Lock()
	defer j.mu.Unlock()
	w.timer.Stop()
	i := slices.Index(j.waiters, w)
	j.waiters = slices.Delete(j.waiters, i, i+1)
}
