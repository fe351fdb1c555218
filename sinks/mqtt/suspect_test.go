package mqtt

import (
	"slices"
	"strings"
	"testing"

	"tagbridge/sinks"
)

// forward sends v as a forwarder does, and returns the places of the samples that were refused, and why.
func forward(t *testing.T, s *Sink, v *sinks.View) (refused []int, reasons []string) {
	t.Helper()
	for at, tries := 0, 0; at < v.Len(); tries++ {
		if tries > 200 {
			t.Fatalf("stuck at sample %d of %d", at, v.Len())
		}
		part := v.Slice(at, v.Len())
		n, err := s.Send(t.Context(), &part)
		at += n
		if at == v.Len() {
			break
		}
		if fault := faultOf(t, err); fault.Action == sinks.Refuse {
			for range max(1, fault.Refused) {
				refused = append(refused, at)
				at++
			}
			reasons = append(reasons, fault.Error())
		}
	}
	return refused, reasons
}

// TestPoison has a broker end the connection for one message, without a word, and take all others.
func TestPoison(t *testing.T) {
	versions(t, func(t *testing.T, version string) {
		for name, stateTopic := range map[string]string{"with a state": "state", "without": ""} {
			t.Run(name, func(t *testing.T) {
				f := newFake(t)
				f.on(func(p published) (int, bool) {
					if p.payload == "25" {
						return withhold, true
					}
					return 0, false
				})
				s := open(t, f.addr(), func(o *Options) { o.Version, o.StateTopic = version, stateTopic })
				refused, reasons := forward(t, s, polls(plant("boiler", 60), 1))
				if !slices.Equal(refused, []int{25}) || !strings.Contains(reasons[0], "plant/line-3/boiler/t25") ||
					!strings.Contains(reasons[0], "max_packet") {
					t.Errorf("refused %v: %q", refused, reasons)
				}
				arrived := map[string]bool{}
				for _, p := range f.payloads() {
					arrived[p] = true
				}
				if want := 60 + len(stateTopic)/5; len(arrived) != want {
					t.Errorf("%d different messages arrived, want %d", len(arrived), want)
				}
			})
		}
	})
}

// TestPoisonBySize has a broker of 3.1.1 end the connection for messages of over 300 bytes: batches are cut, the one value
// that is larger is refused, and after that no connection is lost any more.
func TestPoisonBySize(t *testing.T) {
	f := newFake(t)
	f.on(func(p published) (int, bool) {
		if len(p.payload) > 300 {
			return withhold, true
		}
		return 0, false
	})
	s := open(t, f.addr(), func(o *Options) { o.Version, o.StateTopic, o.Format, o.Topic = "3.1.1", "state", "batch", topic("b") })
	v := polls(plant("meter", 100), 5)
	if refused, reasons := forward(t, s, v); len(refused) > 0 {
		t.Errorf("refused %v: %q", refused, reasons)
	}
	f.mu.Lock()
	before := len(f.conns)
	f.mu.Unlock()
	if refused, _ := forward(t, s, v); len(refused) > 0 {
		t.Errorf("refused %v the second time", refused)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := len(f.conns); n != before {
		t.Errorf("%d connections more for what was learned already", n-before)
	}
}

// TestPoisonInABatch has a broker end the connection for one value inside a batch, whatever its size.
func TestPoisonInABatch(t *testing.T) {
	f := newFake(t)
	f.on(func(p published) (int, bool) {
		if strings.Contains(p.payload, `"t25":25`) {
			return withhold, true
		}
		return 0, false
	})
	s := open(t, f.addr(), func(o *Options) { o.StateTopic, o.Format, o.Topic = "state", "batch", topic("b") })
	forward(t, s, polls(plant("boiler", 60), 1)) // with nothing to compare, the size is suspected first
	if refused, reasons := forward(t, s, polls(plant("boiler", 60), 1)); !slices.Equal(refused, []int{25}) {
		t.Errorf("refused %v: %q", refused, reasons)
	}
}

// TestPoisonousState has a broker end the connection whenever the bridge's state is published: the values arrive all the
// same.
func TestPoisonousState(t *testing.T) {
	versions(t, func(t *testing.T, version string) {
		f := newFake(t)
		f.on(func(p published) (int, bool) {
			if p.topic == "state" {
				return withhold, true
			}
			return 0, false
		})
		s := open(t, f.addr(), func(o *Options) { o.Version, o.StateTopic = version, "state" })
		if refused, reasons := forward(t, s, polls(plant("boiler", 5), 1)); len(refused) > 0 {
			t.Errorf("refused %v: %q", refused, reasons)
		}
	})
}

// TestAnOutageIsNoPoison has the broker end every connection for a while, at any message: nothing is refused.
func TestAnOutageIsNoPoison(t *testing.T) {
	f := newFake(t)
	n := 0
	f.on(func(published) (int, bool) {
		n++
		return 0, n < 20 && n%3 == 0
	})
	s := open(t, f.addr(), func(o *Options) { o.StateTopic = "state" })
	if refused, reasons := forward(t, s, polls(plant("boiler", 60), 1)); len(refused) > 0 {
		t.Errorf("refused %v: %q", refused, reasons)
	}
}
