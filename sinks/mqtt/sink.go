package mqtt

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tagbridge/mapping/cause"
	"tagbridge/sinks"
	"tagbridge/sinks/message"
)

// Sink publishes to one broker over one connection.
type Sink struct {
	o       Options
	target  *target
	connect connect
	sas     *sas // of Azure IoT Hub; nil: none
	cutter  *message.Cutter
	packet  int // bytes of a packet at most, in this session; 0: any
	suspect suspect
	view    *sinks.View // that is being sent; nil: none

	wire    *wire
	session session // nil: not connected
	renew   time.Time
	token   string // made of SASKey, to log in with
	lives   lives
	proven  bool // the broker has taken a message in this session
	window  window
	ahead   ahead
	timer   *time.Timer
	state   state
	home    *home // tells Home Assistant of tags; nil: nobody does
	unfit   []int // places in the view that is being sent: see sinks.Unfit
}

// Open makes a sink; it reads the files of o.TLS and does not connect yet.
func Open(o Options) (*Sink, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Sink{o: o, connect: connect5, lives: lives{rests: defaultRests, client: o.ClientID}}
	if o.Version == "3.1.1" {
		s.connect = connect311
	}
	if s.target, err = s.o.target(); err != nil {
		return nil, err
	}
	if o.SASKey != "" {
		if s.sas, err = newSAS(s.target.url.Hostname(), o.ClientID, o.SASKey); err != nil {
			return nil, err
		}
		if s.o.Username == "" {
			s.o.Username = s.sas.username()
		}
	}
	if s.cutter, err = message.NewCutter(message.Options{Topic: o.Topic, Syntax: message.MQTT, Format: o.Format, Compress: o.Compress}); err != nil {
		return nil, fmt.Errorf("mqtt: %w", err)
	}
	s.window.slots = make([]outgoing, o.InFlight)
	s.timer = time.NewTimer(time.Hour)
	s.timer.Stop()
	return s, nil
}

// Send implements sinks.Sink: it connects if need be and publishes v, as many messages at a time as the window allows.
func (s *Sink) Send(ctx context.Context, v *sinks.View) (n int, err error) {
	if err := s.ready(ctx); err != nil {
		return 0, s.fault(ctx, err)
	}
	s.unfit = nil
	if s.home != nil {
		if err := s.guide(ctx, v); err != nil {
			return 0, s.fault(ctx, err)
		}
	}
	if s.o.QoS == 0 {
		n, err = s.fire(ctx, v)
	} else {
		n, err = s.deliver(ctx, v)
	}
	s.view = nil
	if err != nil {
		err = s.fault(ctx, err)
	}
	if past, _ := slices.BinarySearch(s.unfit, n); past > 0 {
		err = &sinks.Unfit{Places: s.unfit[:past], Err: errUnfit, Then: err}
	}
	return n, err
}

// ready makes sure that there is a session.
func (s *Sink) ready(ctx context.Context) error {
	if s.session != nil && s.wire.err() != nil {
		s.lives.end(time.Now(), s.session.reason())
		s.hangUp(false)
	}
	if s.session != nil && !s.renew.IsZero() && time.Now().After(s.renew) {
		s.hangUp(true)
	}
	if s.session != nil {
		return nil
	}
	if err := s.lives.wait(time.Now()); err != nil {
		return err
	}
	return s.dial(ctx)
}

// dial connects and publishes the birth.
func (s *Sink) dial(ctx context.Context) error {
	l := login{
		clientID: s.o.ClientID, username: s.o.Username, password: s.o.Password, window: s.o.InFlight, qos: byte(s.o.QoS),
		timeout: s.o.Timeout,
	}
	if s.o.StateTopic != "" {
		l.will = &will{topic: s.o.StateTopic, payload: []byte(offline), qos: l.qos, retain: true}
	}
	s.renew = time.Time{}
	if s.sas != nil {
		l.password, s.renew = s.sas.token(time.Now())
		s.token = l.password
	}
	w, err := s.target.dial(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", cause.Of(err))
	}
	if s.home != nil {
		s.home.listen(w, s.target.five)
	}
	session, err := s.connect(ctx, w, l)
	if err != nil {
		return err
	}
	s.wire, s.session, s.proven = w, session, false
	s.lives.begin(time.Now())
	if s.o.Retain && !session.limits().retain {
		s.hangUp(true)
		return ended("connect", 0x9A, "")
	}
	if err := s.announce(ctx, online); err != nil || s.home == nil {
		return err
	}
	return s.greet(ctx)
}

// hangUp ends the session; with a goodbye the broker does not publish the will.
func (s *Sink) hangUp(goodbye bool) {
	if s.session != nil {
		s.session.close(goodbye)
		s.session = nil
	}
}

// Close implements sinks.Sink: it says that the bridge is offline, if the broker listens, and ends the connection.
func (s *Sink) Close() error {
	if s.session == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	err := s.ready(ctx)
	if err == nil {
		err = s.announce(ctx, offline)
	}
	s.hangUp(err == nil)
	return nil
}

// farewell bounds what Close says.
const farewell = 2 * time.Second
