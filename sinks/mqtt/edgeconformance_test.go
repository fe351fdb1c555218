package mqtt

import (
	"encoding/json"
	"strconv"
	"testing"
	"time"

	"tagbridge/sinks"
	"tagbridge/sinks/sparkplug"
	"tagbridge/testrig/hostile"
	"tagbridge/testrig/sinktest"
)

// shortest32 is a number of 32 bits as the test suite writes it.
func shortest32(f float64) json.Number {
	return json.Number(strconv.FormatFloat(f, 'g', -1, 32))
}

// TestEdgeConformance has an edge node pass what every sink has to: what a fence has come back for is delivered.
func TestEdgeConformance(t *testing.T) {
	for _, version := range []string{"5", "3.1.1"} {
		t.Run(version, func(t *testing.T) {
			sinktest.Run(t, func() (*sinktest.Peer, error) { return newEdgePeer(version) })
		})
	}
}

func newEdgePeer(version string) (*sinktest.Peer, error) {
	b, err := hostile.NewBroker()
	if err != nil {
		return nil, err
	}
	script := func(lines ...string) {
		if err := b.Set(lines...); err != nil {
			panic(err)
		}
	}
	var h spHost
	seen := 0
	return &sinktest.Peer{
		Open: func() (sinks.Sink, error) {
			e, err := OpenEdge(EdgeOptions{
				Options:   Options{URL: "mqtt://" + b.Addr(), ClientID: "test", Version: version, Timeout: time.Hour},
				Sparkplug: sparkplug.Options{Group: "G", Node: "E", Aliases: true},
			})
			if err == nil {
				e.s.lives.rests = rests{}
			}
			return e, err
		},
		Taken: func() ([]sinktest.Sample, error) {
			for all := b.Messages(); seen < len(all); seen++ {
				h.see(spParse(all[seen].Topic, []byte(all[seen].Payload)))
			}
			return h.taken, nil
		},
		Silence: func() <-chan struct{} {
			script("silent to=/DDATA/", "silent to=/DBIRTH/")
			return b.Strike()
		},
		Falter:  func() { script("hangup every=29", "lost to=/DDATA/ every=23", "reset to=/DDATA/ every=37") },
		Recover: func() { script() },
		Close:   b.Close,
	}, nil
}
