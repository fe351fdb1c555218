package mqtt

import (
	"strings"
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

// TestHomeConformance has a sink that tells Home Assistant pass the same.
func TestHomeConformance(t *testing.T) {
	versions(t, func(t *testing.T, version string) {
		sinktest.Run(t, func() (*sinktest.Peer, error) {
			return newPeer(Options{
				ClientID: "test", Version: version, Format: "json", Topic: topic("plant/{device}/{tag}"), QoS: 1, Timeout: time.Hour,
				Discovery: Discovery{Prefix: "ha"},
			})
		})
	})
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
	hangup := "hangup every=9"
	if o.Discovery.Prefix != "" {
		// As many messages precede a value on each connection: the same one would be the ninth each time.
		hangup = "hangup to=plant/ every=9"
	}
	p := &sinktest.Peer{
		Open: func() (sinks.Sink, error) {
			if o.Discovery.Prefix != "" {
				h, err := OpenHome(o)
				if err == nil {
					h.lives.rests = rests{}
				}
				return h, err
			}
			s, err := Open(o)
			if err == nil {
				s.lives.rests = rests{} // the tests of lives are about these
			}
			return s, err
		},
		Taken: func() (all []sinktest.Sample, err error) {
			for _, m := range b.Messages() {
				if !strings.HasPrefix(m.Topic, "plant/") {
					continue // the bridge's state, and what Home Assistant is told
				}
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
		Falter:  func() { script(hangup, "lost to=plant/ every=12", "reset to=plant/ every=17") },
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
