package drivers

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"tagbridge/mapping"
)

// A question is what somebody wants to know of a device beside what its lane reads: it is asked on the lane's own
// connection, a turn at a time, where that makes no read late, and within the lane's probe share.
type question struct {
	ctx  context.Context // of who asks
	job  *Job            // nil: it is about the link
	turn func(ctx context.Context, link Link) (more bool, err error)
	done chan error

	// The rest is the lane's.
	since time.Duration // when it was first looked at; 0: never
	next  time.Duration // when the next turn may be
}

// questioner is what a lane shares with those who ask. One question at a time is on a lane.
type questioner struct {
	asked  atomic.Pointer[question]
	turns  sync.Mutex // held during a turn, and while a question is taken back
	closed atomic.Bool
}

// ErrAsked is why a question is not taken: there is one already.
var ErrAsked = errors.New("another question is being asked on this connection: ask again when it is answered")

// questionPatience is how long a question waits for a gap between reads: then it goes first, once.
const questionPatience = time.Second

// AskOnce reads j, which is none of the lane's own, once over the lane's connection, and appends to b a sample for each of
// its tags. An error is that of the unit or the connection, ErrAsked, ErrClosed while the connection is down, or ctx's: then
// b and j are not touched any more.
func (l *Lane) AskOnce(ctx context.Context, j *Job, b *mapping.Batch) error {
	o := once{job: j, batch: b, first: len(b.Samples)}
	return l.ask(&question{ctx: ctx, job: j, turn: o.turn, done: make(chan error, 1)})
}

// Ask calls turn with the link, in the lane's goroutine, until it has no more to do. A turn is one short exchange or a few
// that belong together: what the lane reads waits for it. Errors are as of AskOnce.
func (l *Lane) Ask(ctx context.Context, turn func(ctx context.Context, link Link) (more bool, err error)) error {
	return l.ask(&question{ctx: ctx, turn: turn, done: make(chan error, 1)})
}

func (l *Lane) ask(q *question) error {
	if !l.asked.CompareAndSwap(nil, q) {
		return ErrAsked
	}
	l.rouse()
	if l.closed.Load() {
		l.refuse(ErrClosed)
	}
	select {
	case err := <-q.done:
		return err
	case <-q.ctx.Done():
	}
	l.turns.Lock() // a turn ends by itself
	defer l.turns.Unlock()
	if l.asked.CompareAndSwap(q, nil) {
		return q.ctx.Err()
	}
	return <-q.done
}

// rouse has the lane look whether there is a question.
func (l *Lane) rouse() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stop != nil {
		l.stop()
	}
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// refuse answers a question that cannot be asked now.
func (l *Lane) refuse(err error) {
	l.turns.Lock()
	defer l.turns.Unlock()
	if q := l.asked.Swap(nil); q != nil {
		q.done <- err
	}
}

// refuseDown answers a question while the connection is down.
func (l *Lane) refuseDown() {
	if l.asked.Load() == nil {
		return
	}
	err := ErrClosed
	if l.err != nil {
		err = fmt.Errorf("%w: %w", ErrClosed, l.err)
	}
	l.refuse(err)
}

// turnOf is the question whose turn it is at now; nil: none.
func (l *Lane) turnOf(now time.Duration) *question {
	q := l.asked.Load()
	if q == nil {
		return nil
	}
	if q.since == 0 {
		q.since, q.next = now, now
	}
	if now < q.next || now-q.since < questionPatience && !l.agenda.idleFor(now, l.took) {
		return nil
	}
	q.since = now
	return q
}

// questionAt is when the lane, idle at now, has to look at its question again, if that is before until.
func (l *Lane) questionAt(now, until time.Duration) time.Duration {
	q := l.asked.Load()
	switch {
	case q == nil:
		return until
	case q.since == 0:
		return now
	case q.next > now:
		return min(until, q.next)
	}
	return until
}

// answer gives q a turn. An error means that the link is down and could not be opened again.
func (l *Lane) answer(ctx context.Context, q *question) error {
	l.out.flush()
	l.turns.Lock()
	defer l.turns.Unlock()
	if l.asked.Load() != q {
		return nil // it was taken back
	}
	began := l.now().mono
	l.expect(began + openLimit)
	more, err := q.turn(ctx, l.link)
	end := l.now().mono
	l.meter.add(began, end)
	q.next = end + time.Duration(float64(end-began)*(1-l.agenda.share)/l.agenda.share)
	q.since = end
	if more && err == nil {
		return nil
	}
	l.asked.Store(nil)
	if dropper, ok := l.link.(Dropper); ok && q.job != nil {
		dropper.Drop(q.job)
	}
	q.done <- err
	if _, silent := errors.AsType[*NoAnswer](err); err == nil || silent || ctx.Err() != nil || IsUnharmed(err) {
		return nil
	}
	return l.link.Open(ctx) // what was asked has broken it: the lane's own reads are not to blame
}

// unharmed is the error of a turn that leaves the link as it was.
type unharmed struct{ error }

func (u unharmed) Unwrap() error { return u.error }

// Unharmed is err, of a turn that leaves the link as it was.
func Unharmed(err error) error { return unharmed{err} }

// IsUnharmed reports that a turn which ended with err left the link as it was.
func IsUnharmed(err error) bool {
	_, ok := errors.AsType[unharmed](err)
	return ok
}

// idleFor reports that nothing is due at now, nor will be for as long as that.
func (a *agenda) idleFor(now, took time.Duration) bool {
	if a.ready.top() != nil || a.doubtful.top() != nil || a.again != nil {
		return false
	}
	j := a.waiting.top()
	return j == nil || j.sched.due-now > took
}
