package mqtt

import (
	"testing"
	"time"

	"tagbridge/sinks"
	"tagbridge/testrig/hostile"
	"tagbridge/testrig/sinktest"
)

// TestConformance has the sink pass what every sink has to, at QoS 1: at QoS 0 the socket acknowledges.
func TestConformance(t *testing.T) {
	for _, c := range []struct{ name, version, format, topic string }{
		{"5 json", "5", "json", "plant/{device}/{tag}"},
		{"5 batch", "5", "batch", "plant/{device}"},
		{"5 line", "5", "line", "plant/{device}"},
		{"3.1.1 json", "3.1.1", "json", "plant/{device}/{tag}"},
		{"3.1.1 batch", "3.1.1", "batch", "plant/{device}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			sinktest.Run(t, func() (*sinktest.Peer, error) {
				return newPeer(Options{ClientID: "test", Version: c.version, Format: c.format, Topic: topic(c.topic), QoS: 1, Timeout: time.Hour})
			})
		})
	}
}

// newPeer starts a broker for sinks with these options.
func newPeer(o Options) (*sinktest.Peer, error) {
	b, err := hostile.NewBroker()
	if err != nil {
		return nil, err
	}
	o.URL = "mqtt://" + b.Addr()
	script := func(lines ...string) {
		if err := b.Set(lines...); err != nil {
			panic(err)
		}
	}
	p := &sinktest.Peer{
		Open: func() (sinks.Sink, error) {
			s, err := Open(o)
			if err == nil {
				s.lives.rests = rests{} // the tests of lives are about these
			}
			return s, err
		},
		Taken: func() (all []sinktest.Sample, err error) {
			for _, m := range b.Messages() {
				parse := sinktest.ParseJSON
				if o.Format == "line" {
					parse = sinktest.ParseLines
				}
				samples, err := parse([]byte(m.Payload))
				if err != nil {
					return nil, err
				}
				all = append(all, samples...)
			}
			return all, nil
		},
		Silence: func() <-chan struct{} {
			script("silent to=plant/ after=3")
			return b.Strike()
		},
		Falter:  func() { script("hangup every=9", "lost to=plant/ every=12", "reset to=plant/ every=17") },
		Recover: func() { script() },
		Close:   b.Close,
	}
	if o.Format == "json" { // in a batch, another sample shares the refusal
		p.Refuse = func(tag string) {
			if o.Version == "5" {
				script("code:0x87 to=/" + tag)
			} else {
				script("hangup to=/" + tag) // as brokers of that version have no word for it
			}
		}
	}
	return p, nil
}
