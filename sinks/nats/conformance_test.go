package nats

import (
	"testing"
	"time"

	"tagbridge/sinks"
	"tagbridge/testrig/hostile"
	"tagbridge/testrig/sinktest"
)

// TestConformance has the sink pass what every sink has to.
func TestConformance(t *testing.T) {
	for _, c := range []struct{ format, subject string }{
		{"json", "plant.{device}.{tag}"},
		{"batch", "plant.{device}"},
		{"line", "plant.{device}"},
	} {
		t.Run(c.format, func(t *testing.T) {
			sinktest.Run(t, func() (*sinktest.Peer, error) {
				return newPeer(Options{Format: c.format, Subject: subject(c.subject), Timeout: time.Hour})
			})
		})
	}
}

// newPeer starts a stream for sinks with these options.
func newPeer(o Options) (*sinktest.Peer, error) {
	b, err := hostile.NewStream()
	if err != nil {
		return nil, err
	}
	o.URLs = []string{"nats://" + b.Addr()}
	script := func(lines ...string) {
		if err := b.Set(lines...); err != nil {
			panic(err)
		}
	}
	p := &sinktest.Peer{
		Open: func() (sinks.Sink, error) { return Open(o) },
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
			script("silent to=plant. after=3")
			return b.Strike()
		},
		Falter: func() {
			script("hangup every=9", "lost to=plant. every=12", "reset to=plant. every=17", "nobody to=plant. every=31", "error:10008 to=plant. every=37")
		},
		Recover: func() { script() },
		Close:   b.Close,
	}
	if o.Format == "json" { // in a batch, another sample shares the refusal
		p.Refuse = func(tag string) { script("error:10054 to=." + tag) }
	}
	return p, nil
}
