package bridge

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
)

// A Session is a connection of its own for commands that ask a device one thing after another. It is used by one
// goroutine at a time.
type Session struct {
	e        config.Connection
	compiler *Compiler
	link     drivers.Link
	broken   bool // it has to be opened again before the next question
}

// OpenSession connects to e.
func OpenSession(ctx context.Context, e config.Connection, c *Compiler) (*Session, error) {
	first := e.Devices[0]
	link, err := c.protocols.of(first).link(e, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	s := &Session{e: e, compiler: c, link: link}
	return s, s.open(ctx)
}

func (s *Session) open(ctx context.Context) error {
	first := s.e.Devices[0]
	return openWithin(ctx, s.link, s.compiler.protocols.of(first).manner(first).connect)
}

// Close ends the connection.
func (s *Session) Close() error { return s.link.Close() }

// Mend opens a connection again that has broken.
func (s *Session) Mend(ctx context.Context) error {
	if !s.broken {
		return nil
	}
	s.broken = false
	return s.open(ctx)
}

// Read reads every tag of d, which is one of the connection's or like one of them, once, handing each job to yield.
func (s *Session) Read(ctx context.Context, d *config.Device, yield func(*Reading)) {
	for _, j := range s.compiler.Device(d) {
		r := Reading{Job: j}
		r.Batch.Reset(j.Group)
		within, cancel := context.WithTimeout(ctx, patience(d, len(j.Group.Series))+s.e.AfterConnect)
		timed := timedLink{Link: s.link}
		r.Err = drivers.ReadOnce(within, &timed, j, &r.Batch)
		r.Took = timed.mean()
		cancel()
		s.compiler.note(&r.Batch)
		n, silent := errors.AsType[*drivers.NoAnswer](r.Err)
		s.broken = s.broken || r.Err != nil && (!silent || n.Broken)
		yield(&r)
	}
}

// openWithin connects, within a time that is not 0.
func openWithin(ctx context.Context, link drivers.Link, limit time.Duration) error {
	if limit == 0 {
		return link.Open(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return link.Open(ctx)
}

// patience bounds one device's part of a command that reads once.
func patience(d *config.Device, requests int) time.Duration {
	return 5*time.Second + time.Duration(requests*(d.Retries+1))*(d.Timeout+time.Second)
}

// Reading is what reading a device once gave.
type Reading struct {
	Job   *drivers.Job
	Batch mapping.Batch // a sample for each tag of the job
	Err   error         // of the unit or the connection
	Took  time.Duration // an exchange that was answered, in the mean; 0: none was, or it is not known
}

// timedLink is a link that tells how long its exchanges take.
type timedLink struct {
	drivers.Link
	spent   time.Duration
	answers int
}

// Do implements drivers.Link.
func (t *timedLink) Do(ctx context.Context, j *drivers.Job, step int, b *mapping.Batch) (next int, err error) {
	began := time.Now()
	if next, err = t.Link.Do(ctx, j, step, b); err == nil {
		t.spent += time.Since(began)
		t.answers++
	}
	return next, err
}

func (t *timedLink) mean() time.Duration {
	if t.answers == 0 {
		return 0
	}
	return (t.spent / time.Duration(t.answers)).Round(10 * time.Microsecond)
}
