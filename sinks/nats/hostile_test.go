package nats

import (
	"errors"
	"testing"
	"time"

	"tagbridge/sinks"
)

// ill are servers that go on for a while before something is wrong with them, or are wrong in what they say of themselves.
var ill = []string{
	"hangup every=5", "reset every=5", "lost every=5", "cut every=5", "huge every=7", "line every=7", "nobody every=5", "error:10077 every=5",
	"error:10008 every=5", "text times=3", "twice", "flood every=5", "deny every=9", "auth to=connect times=3", "swap every=9", "silent every=9",
	"seq:0", "seq:18446744073709551615", "seq:-1 times=3", "seq:[] times=3", "info:zero every=7", "info:minus every=7", "info:small every=7",
	"info:others every=7", "info:tls every=7", "info:nonce every=7", "info:old every=7", "info:much every=7", "info:nothing every=7",
	"info:types every=7", "info:zero to=hello times=3", "info:minus to=hello times=3", "info:small to=hello", "info:others to=hello",
	"info:tls to=hello times=3", "info:nonce to=hello", "info:old to=hello times=3", "info:much to=hello", "info:nothing to=hello times=3",
	"info:types to=hello times=3",
}

// TestIllServers delivers to each of these, and once they are well: everything arrives, in the order of each series.
func TestIllServers(t *testing.T) {
	for _, line := range ill {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			p := serve(t, line)
			s := open(t, func(o *Options) {
				o.Stream, o.Format, o.Subject, o.Timeout = "PLANT", "json", subject("plant.{device}.{tag}"), 300*time.Millisecond
			}, p.Addr())
			v := polls(plant("p", 3), 40, 7)
			done, faults := 0, 0
			for done < v.Len() {
				rest := v.Slice(done, v.Len())
				n, err := s.Send(patience(t), &rest)
				done += n
				if err == nil {
					continue
				}
				var fault *sinks.Fault
				if !errors.As(err, &fault) || fault.Action == sinks.Refuse {
					t.Fatalf("%d of %d: %v", done, v.Len(), err)
				}
				if faults++; faults >= 20 && p.Struck() > 0 {
					if err := p.Set(); err != nil {
						t.Fatal(err)
					}
				}
				if faults > 1000 {
					t.Fatalf("%d of %d, once it was well for long: %v", done, v.Len(), err)
				}
			}
			if p.Struck() == 0 {
				t.Error("nothing was wrong")
			}

			counts := map[string]int{}
			latest := map[string]string{}
			for _, m := range p.Messages() {
				if counts[m.Payload]++; counts[m.Payload] == 1 && m.Payload <= latest[m.Topic] {
					t.Errorf("%s: %s after %s", m.Topic, m.Payload, latest[m.Topic])
				}
				latest[m.Topic] = max(latest[m.Topic], m.Payload)
			}
			if len(counts) != v.Len() {
				t.Errorf("%d of %d arrived", len(counts), v.Len())
			}
		})
	}
}
