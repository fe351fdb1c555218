package nats

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"tagbridge/sinks"
	"tagbridge/sinks/message"
)

// Sink publishes to one stream over one connection.
type Sink struct {
	o       Options
	servers []server
	at      int // of servers: the one to begin with
	login   nats.Option
	cutter  *message.Cutter
	single  bool // a message has one sample
	session *session
	window  window
	timer   *time.Timer
	view    *sinks.View // that is being sent; nil: none
	careful bool        // what was sent last has failed: until a message is taken, they go one at a time
	took    time.Time   // when a stream has taken a message last; zero: never
	most    int         // bytes of a message at most, as far as the stream has said; 0: any
	passed  int         // bytes of the largest message that was taken since
	unfit   []int       // places in the view that is being sent: see sinks.Unfit
}

// errUnfit is why a sample cannot be written.
var errUnfit = errors.New("line protocol has no unsigned integers over 2^63-1")

// Open makes a sink; it reads the files of o.TLS and does not connect yet.
func Open(o Options) (*Sink, error) {
	o = o.withDefaults()
	s := &Sink{o: o, single: o.Format == "json" || o.Format == "value"}
	var err error
	if s.servers, err = s.o.servers(); err != nil {
		return nil, err
	}
	if s.login, err = s.o.login(); err != nil {
		return nil, err
	}
	if s.cutter, err = message.NewCutter(message.Options{Topic: o.Subject, Syntax: message.NATS, Format: o.Format, Compress: o.Compress}); err != nil {
		return nil, fmt.Errorf("nats: %w", err)
	}
	s.window.slots = make([]flight, o.InFlight)
	s.timer = time.NewTimer(time.Hour)
	s.timer.Stop()
	return s, nil
}

// Send implements sinks.Sink: it connects if need be and publishes v, as many messages at a time as the window allows.
func (s *Sink) Send(ctx context.Context, v *sinks.View) (n int, err error) {
	if err := s.ready(ctx); err != nil {
		return 0, s.fault(ctx, "nats ", err)
	}
	server := "nats server " + s.servers[s.at].address + ": "

	s.unfit, s.view = nil, v
	n, err = s.deliver(ctx, v)
	s.view = nil
	s.window.forget()
	if err != nil {
		s.careful = true
		err = s.fault(ctx, server, err)
	}
	if past, _ := slices.BinarySearch(s.unfit, n); past > 0 {
		err = &sinks.Unfit{Places: s.unfit[:past], Err: errUnfit, Then: err}
	}
	return n, err
}

// ready makes sure that there is a session.
func (s *Sink) ready(ctx context.Context) error {
	if s.session != nil && s.session.ended() {
		s.moveOn()
	}
	if s.session != nil {
		return nil
	}
	var all []error
	for range s.servers {
		to := s.servers[s.at]
		n, err := s.connect(ctx, to)
		if err == nil {
			s.session = n
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		all = append(all, fmt.Errorf("server %s: %w", to.address, err))
		s.moveOn()
	}
	return unreached(all)
}

// unreached is the error of servers of which none could be connected to. One that somebody has to mend is no reason to hold
// while another is only out of reach.
func unreached(all []error) error {
	if len(all) == 1 {
		return all[0]
	}
	var texts []string
	action := sinks.Hold
	for _, err := range all {
		texts = append(texts, err.Error())
		var f *sinks.Fault
		if !errors.As(err, &f) || f.Action != sinks.Hold {
			action = sinks.Retry
		}
	}
	return &sinks.Fault{Action: action, Err: errors.New(strings.Join(texts, "; "))}
}

// moveOn ends the session, if there is one; the next is with another server, where there are several.
func (s *Sink) moveOn() {
	s.hangUp()
	s.at = (s.at + 1) % len(s.servers)
}

// hangUp ends the session.
func (s *Sink) hangUp() {
	if s.session != nil {
		s.session.close()
		s.session = nil
	}
}

// Close implements sinks.Sink.
func (s *Sink) Close() error {
	s.hangUp()
	return nil
}

// fault is err, with what before it, and what to do about it.
func (s *Sink) fault(ctx context.Context, what string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	out := sinks.Fault{Action: sinks.Retry}
	var known *sinks.Fault
	if errors.As(err, &known) {
		out = *known
	}
	out.Err = fmt.Errorf("%s%w", what, err)
	if text := s.o.hide(out.Err.Error()); text != out.Err.Error() {
		out.Err = errors.New(text)
	}
	return &out
}
