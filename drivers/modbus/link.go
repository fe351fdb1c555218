package modbus

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
	"tagbridge/mapping/cause"
)

// LinkOptions is where a link connects to, and how.
type LinkOptions struct {
	Transport string        // tcp tls udp, rtu ascii, rtuovertcp asciiovertcp rtuoverudp
	Address   string        // host:port, or the path of a serial port
	TLS       *tls.Config   // for tls; nil is the zero value
	Pause     time.Duration // silence between requests
	Timeout   time.Duration // the longest of the devices behind the link; found out as they are read when 0
	Serial    Serial        // of rtu and ascii
	Echo      bool          // the adapter hears itself
	RS485     RS485
	// GatewayBaud is the rate of the line behind rtuovertcp and the like; 0: not known.
	GatewayBaud int
	CloseAfter  bool // the connection is closed when a round is done
	// AfterConnect is a pause before the first request over a connection.
	AfterConnect time.Duration
	// Transactions numbers the requests of tcp, tls and udp; nil: by themselves.
	Transactions *Transactions
	Log          *slog.Logger     // nil: nothing is logged
	Now          func() time.Time // nil: time.Now
}

// Link is one connection to a Modbus endpoint. One request is in flight at a time.
type Link struct {
	options   LinkOptions
	transport transport
	log       *slog.Logger
	now       func() time.Time

	isOpen bool
	broke  time.Time // when a request last did that to the connection
	blamed bool      // one request broke the connection: that is no reason to try what was refused
	epoch  int       // counts Open, but for the blamed: a plan that meets another one tries again what was refused
	last   time.Time // when the last exchange ended
	units  map[uint8]*responses
	recent *responses // of the unit that was asked for last
	as     uint8      // that unit
	timer  *time.Timer
}

// responses are what a unit has done with what it was asked.
type responses struct {
	answers uint64
	quiet   int             // requests in a row that it did not answer
	miss    mapping.Quality // why its last request went unanswered; Good when it was answered
	why     error           // the same, in words
}

// unit is what unit id has done.
func (l *Link) unit(id uint8) *responses {
	if l.recent != nil && l.as == id {
		return l.recent
	}
	u := l.units[id]
	if u == nil {
		u = new(responses)
		l.units[id] = u
	}
	l.recent, l.as = u, id
	return u
}

// NewLink makes a link. It does not connect: that is Open's.
func NewLink(o LinkOptions) (drivers.Link, error) {
	t, err := newTransport(o)
	if err != nil {
		return nil, err
	}
	return newLink(o, t), nil
}

func newTransport(o LinkOptions) (transport, error) {
	if o.Transactions == nil {
		o.Transactions = NewTransactions()
	}
	switch o.Transport {
	case "tcp", "tls", "udp":
		return newSocket(o), nil
	case "rtu", "ascii":
		return newSerialBus(o), nil
	case "rtuovertcp", "asciiovertcp", "rtuoverudp":
		return newNetBus(o), nil
	}
	return nil, fmt.Errorf("modbus transport %q: not one that there is", o.Transport)
}

func newLink(o LinkOptions, t transport) *Link {
	l := &Link{options: o, transport: t, log: o.Log, now: o.Now, units: map[uint8]*responses{}, timer: newTimer()}
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	if l.now == nil {
		l.now = time.Now
	}
	return l
}

// newTimer is a timer that does not run.
func newTimer() *time.Timer {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return t
}

// Open implements drivers.Link.
func (l *Link) Open(ctx context.Context) error {
	if err := l.Close(); err != nil {
		return err
	}
	if err := l.transport.open(ctx); err != nil {
		return cause.Of(err)
	}
	l.isOpen = true
	if !l.blamed || l.epoch == 0 {
		l.epoch++
	}
	l.blamed = false
	return nil
}

// Close implements drivers.Link.
func (l *Link) Close() error {
	if !l.isOpen {
		return nil
	}
	l.isOpen = false
	return l.transport.close()
}

// defaultTimeout is that of a device without one.
const defaultTimeout = time.Second

// Do implements drivers.Link. A round begins with step 0; what a later step asks for is the plan's to know, so that
// the steps of a round count up whatever is split or put off.
//
// A unit that is busy is asked again at the end of its round, not before busyPause; Do waits for what is left of that.
// It returns within a second of the end of ctx: at once but from an exchange whose own time is no longer than that.
func (l *Link) Do(ctx context.Context, j *drivers.Job, step int, b *mapping.Batch) (int, error) {
	p, ok := j.Work.(*Plan)
	if !ok {
		return 0, fmt.Errorf("read device %s: work is a %T, not a modbus plan", j.Device.Name, j.Work)
	}
	if !l.isOpen {
		return 0, drivers.ErrClosed
	}
	if step == 0 {
		p.begin(start{now: l.now(), epoch: l.epoch, ask: l.unit(p.unit).miss.IsBad(), calm: l.now().Sub(l.broke) < brokenPause})
	}
	r, ok := p.next()
	if u := l.unit(p.unit); !ok && u.miss.IsBad() { // all that there is has to wait: that must not pass for an answer
		return 0, &drivers.NoAnswer{Quality: u.miss, Err: u.why}
	}
	if !ok {
		l.finish(p, b)
		return 0, nil
	}
	if err := l.rest(ctx, p.pause()); err != nil {
		return 0, err
	}
	err := l.ask(ctx, j, r, b)
	if n, ok := errors.AsType[*drivers.NoAnswer](err); err != nil && !(ok && n.Alone) {
		return 0, err
	}
	l.report(j.Device.Name, p)
	if _, more := p.next(); more {
		return step + 1, err
	}
	l.finish(p, b)
	return 0, err
}

// finish ends a round. A connection that is not to be kept is opened again by the next exchange.
func (l *Link) finish(p *Plan, b *mapping.Batch) {
	p.finish(b)
	if l.options.CloseAfter {
		if err := l.transport.close(); err != nil {
			l.log.Debug("close failed", "err", err)
		}
	}
}

// ask makes the exchange r of j's plan and gives the plan its answer.
func (l *Link) ask(ctx context.Context, j *drivers.Job, r request, b *mapping.Batch) error {
	p := j.Work.(*Plan)
	w := wait{limit: cmp.Or(j.Device.Timeout, defaultTimeout), accept: p.limits.Accept}
	quiet := l.unit(r.unit).quiet
	w.last = quiet == j.Device.Retries || quiet < j.Device.Retries && p.isLastTry(j.Device.Retries)
	raw, err := l.exchange(ctx, r, w)
	e, refused := errors.AsType[Exception](err)
	switch {
	case err == nil:
		p.answer(raw, b)
	case refused && e.isNoAnswer():
		return l.unanswered(j, r, &drivers.NoAnswer{Quality: e.Quality(), Err: e}, b)
	case refused:
		p.refuse(e, l.now(), b)
	default:
		if n, ok := errors.AsType[*drivers.NoAnswer](err); ok {
			if n.Broken {
				l.blamed, l.broke = true, l.now()
			}
			return l.unanswered(j, r, n, b)
		}
		if err = cause.Of(err); ctx.Err() == nil && !isDial(err) && p.broke() {
			l.blamed, l.broke = true, l.now()
			return l.unanswered(j, r, &drivers.NoAnswer{Quality: mapping.BadCommunicationError, Err: err, Broken: true}, b)
		}
		return &drivers.RequestError{Asked: r.String(), Err: err}
	}
	u := l.unit(r.unit)
	u.miss = mapping.Good
	u.answers++
	u.quiet = 0
	return nil
}

// unanswered is n with what was asked, and what j's plan makes of it.
func (l *Link) unanswered(j *drivers.Job, r request, n *drivers.NoAnswer, b *mapping.Batch) error {
	u := l.unit(r.unit)
	err := &drivers.NoAnswer{Quality: n.Quality, Err: &drivers.RequestError{Asked: r.String(), Err: n.Err}, Broken: n.Broken}
	err.Alone, err.Retry = j.Work.(*Plan).silence(err, tolerance{
		retries: j.Device.Retries, limit: cmp.Or(j.Device.Timeout, defaultTimeout), answers: u.answers, quiet: u.quiet,
		period: j.Period, others: l.othersAnswer(r.unit), broken: n.Broken,
	}, b)
	if !err.Alone || err.Broken {
		u.quiet++
		u.miss, u.why = n.Quality, err.Err
	}
	return err
}

// othersAnswer reports that a unit other than id is on the line and answered what it was last asked.
func (l *Link) othersAnswer(id uint8) bool {
	for other, u := range l.units {
		if other != id && u.answers > 0 && !u.miss.IsBad() {
			return true
		}
	}
	return false
}

// isDial reports an error of connecting, which is no request's fault.
func isDial(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}

// exchange makes one exchange, and trusts no transport with the length of an answer.
func (l *Link) exchange(ctx context.Context, r request, w wait) ([]byte, error) {
	raw, err := l.transport.exchange(ctx, r, w)
	if l.options.Pause > 0 {
		l.last = l.now()
	}
	if err == nil && len(raw) != r.size() {
		return nil, &drivers.NoAnswer{
			Quality: mapping.BadCommunicationError,
			Err:     fmt.Errorf("answer of %d bytes, want %d", len(raw), r.size()),
		}
	}
	return raw, err
}

// rest waits for the silence between requests, and until busy.
func (l *Link) rest(ctx context.Context, busy time.Time) error {
	until := busy
	if at := l.last.Add(l.options.Pause); l.options.Pause > 0 && at.After(until) {
		until = at
	}
	if until.IsZero() {
		return nil
	}
	d := until.Sub(l.now())
	if d <= 0 {
		return nil
	}
	l.timer.Reset(d)
	defer l.timer.Stop()
	select {
	case <-l.timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// report logs what has changed about tags.
func (l *Link) report(device string, p *Plan) {
	for _, c := range p.round.changes {
		log := l.log.With("device", device)
		switch {
		case c.tag != nil:
			log = log.With("tag", c.tag.Name, "source", source(c.tag))
		case c.function != 0:
			log = log.With("function", int(c.function))
		}
		switch {
		case c.unit && c.err != "":
			log.Warn("unit refuses everything", "err", c.err)
		case c.unit:
			log.Info("unit answers again")
		case c.remedy != "":
			log.Warn("request is answered only in parts, and asked for so from now on", "request", c.asked.String(), "remedy", c.remedy)
		case c.asked.count > 0 && c.err != "":
			log.Warn("request not answered, while others are", "err", c.err)
		case c.asked.count > 0:
			log.Info("request answered again", "request", c.asked.String())
		case c.tag != nil && c.err != "":
			log.Warn("tag refused", "err", c.err)
		case c.tag != nil:
			log.Info("tag answered again")
		case c.err != "":
			log.Warn("function not supported", "err", c.err)
		default:
			log.Info("function supported again")
		}
	}
	p.round.changes = p.round.changes[:0]
}
