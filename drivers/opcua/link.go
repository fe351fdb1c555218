package opcua

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"tagbridge/drivers"
	"tagbridge/drivers/opcua/session"
	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping"
)

// Link is one session at an OPC UA server, new at each Open. It is its lane's.
type Link struct {
	o      LinkOptions
	log    *slog.Logger
	s      *session.Session
	epoch  *era           // of the present session
	air    map[*Plan]bool // plans with requests that were not answered yet
	spaces []string
	table  []byte // the same as the server sent it
	limits operationLimits
	types  *catalog
	silent int   // requests in a row that went unanswered
	blame  blame // what requests that went wrong were about, in this session and before
	watch  watch
	clock  clock
	push   publisher
	notes  notes
	fill   filler
	asking time.Duration // see askingTime
}

// era is one session, by its address: what a plan learned in another one, of this link or another, is void.
type era struct{ since time.Time }

// NewLink makes a link. It does not connect: that is Open's.
func NewLink(o LinkOptions) *Link {
	o.Watchdog = cmp.Or(o.Watchdog, 5*time.Second)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Session.Now = o.Now
	o.Session.Timeout = cmp.Or(o.Session.Timeout, 5*time.Second)
	o.Session.Patience = cmp.Or(o.Session.Patience, max(o.Session.Timeout, 2*o.Watchdog)) // keys are slow on a small PLC
	return &Link{o: o, log: o.Log, asking: askingTime}
}

var (
	_ drivers.Waiter  = (*Link)(nil)
	_ drivers.Dropper = (*Link)(nil)
)

// openLimit bounds all of Open, whose every step has the patience of the session: a lane that is in its link for two
// minutes counts as stuck.
const openLimit = 110 * time.Second

// Open implements drivers.Link.
func (l *Link) Open(ctx context.Context) (err error) {
	defer l.guard(&err)
	l.Close()
	ctx, cancel := context.WithTimeout(ctx, openLimit)
	defer cancel()
	s, err := session.Open(ctx, l.o.Session)
	if err != nil {
		return err
	}
	l.s = s
	l.epoch = &era{since: l.o.Now()}
	l.silent = 0
	l.types = newCatalog()
	l.watch, l.clock = watch{}, clock{}
	l.air = map[*Plan]bool{}
	l.push = publisher{jobs: map[uint32]*drivers.Job{}, flying: map[uint32]bool{}, most: maxPublish}
	if err := l.survey(ctx); err != nil {
		l.Close()
		return err
	}
	return nil
}

// Close implements drivers.Link.
func (l *Link) Close() error {
	if l.s == nil {
		return nil
	}
	s := l.s
	l.s = nil
	if l.silent > 0 {
		return s.Abandon() // it would not hear a goodbye
	}
	return s.Close()
}

// guard makes an error of a panic over what the server has sent: it costs the connection, and nothing else.
func (l *Link) guard(err *error) {
	if p := recover(); p != nil {
		l.log.Error("answer that cannot be handled", "err", p, "stack", string(debug.Stack()))
		*err = fmt.Errorf("answer that cannot be handled: %v", p)
	}
}

// Do implements drivers.Link. The steps of a round count up, whatever is split or asked for again.
func (l *Link) Do(ctx context.Context, j *drivers.Job, step int, b *mapping.Batch) (next int, err error) {
	p, ok := j.Work.(*Plan)
	if !ok {
		return 0, fmt.Errorf("read device %s: work is a %T, not an opcua plan", j.Device.Name, j.Work)
	}
	if l.s == nil {
		return 0, drivers.ErrClosed
	}
	defer l.guard(&err)
	blob := len(b.Blob)
	if v := newSubscriber(l, p, j); p.o.Subscribe {
		next, err = v.subscribe(ctx, step, b)
	} else {
		next, err = v.poll(ctx, step, b)
	}
	if err != nil {
		b.Blob = b.Blob[:blob]
		return step + 1, l.judge(ctx, err) // which is what goes on when only a part of it went wrong
	}
	l.silent = 0
	l.notes.report(l.log, j.Device.Name)
	return next, nil
}

// judge makes of a failed request what the lane has to know: a server that only did not answer is asked again, until
// it has been silent for too long.
func (l *Link) judge(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, new(*drivers.NoAnswer)): // the server is alive
		return err
	case silence(err):
		l.silent++
		if l.silent <= l.o.Retries+1 {
			return &drivers.NoAnswer{Quality: mapping.BadTimeout, Err: fmt.Errorf("read: %w", err)}
		}
		return fmt.Errorf("the server is silent since %s: %w", l.s.Heard().Format(time.TimeOnly), err)
	}
	return err
}

// Drop implements drivers.Dropper: a job that has left needs no subscription.
func (l *Link) Drop(j *drivers.Job) {
	p, ok := j.Work.(*Plan)
	if !ok || l.s == nil || p.sub.id == 0 || p.sub.epoch != l.epoch {
		return
	}
	delete(l.push.jobs, p.sub.id)
	ctx, cancel := context.WithTimeout(context.Background(), l.o.Watchdog)
	defer cancel()
	if _, err := l.s.Call(ctx, wire.DeleteSubscriptions{IDs: []uint32{p.sub.id}}); err != nil {
		l.log.Debug("subscription could not be deleted", "err", err)
	}
	p.sub.id = 0
}
