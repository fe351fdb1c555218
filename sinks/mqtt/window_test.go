package mqtt

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tagbridge/sinks"
)

// numbers are the texts of from to to, to not included.
func numbers(from, to int) []string {
	var out []string
	for i := from; i < to; i++ {
		out = append(out, strconv.Itoa(i))
	}
	return out
}

// faultOf wants err to be a fault.
func faultOf(t *testing.T, err error) *sinks.Fault {
	t.Helper()
	var fault *sinks.Fault
	if !errors.As(err, &fault) {
		t.Fatalf("error %v is no fault", err)
	}
	return fault
}

func TestDeliversInOrder(t *testing.T) {
	versions(t, func(t *testing.T, version string) {
		f := newFake(t)
		s := open(t, f.addr(), func(o *Options) { o.Version = version })
		v := polls(plant("boiler", 10), 30)
		for range 2 {
			if n, err := s.Send(t.Context(), v); n != 300 || err != nil {
				t.Fatalf("Send = %d, %v", n, err)
			}
		}
		if got := f.payloads(); !slices.Equal(got, append(numbers(0, 300), numbers(0, 300)...)) {
			t.Errorf("received %v", got)
		}
		if p := f.received[11]; p.topic != "plant/line-3/boiler/t1" || p.qos != 1 || p.retain || p.conn != 1 {
			t.Errorf("received %+v", p)
		}
	})
}

// TestWindow has a broker that withholds its answers: there are as many messages under way as the window has, and the
// cursor moves over those without a gap.
func TestWindow(t *testing.T) {
	versions(t, func(t *testing.T, version string) {
		f := newFake(t)
		f.on(func(p published) (int, bool) {
			switch n, _ := strconv.Atoi(p.payload); {
			case n < 7, n == 9:
				return 0, false
			}
			return withhold, false
		})
		s := open(t, f.addr(), func(o *Options) { o.Version = version })
		ctx, cancel := context.WithCancel(t.Context())
		type result struct {
			n   int
			err error
		}
		done := make(chan result, 1)
		go func() {
			n, err := s.Send(ctx, polls(plant("boiler", 100), 1))
			done <- result{n, err}
		}()
		f.await("a full window", func() bool { return len(f.received) == 7+inFlight })
		cancel()
		if r := <-done; r.n != 7 || !errors.Is(r.err, context.Canceled) {
			t.Errorf("Send = %d, %v, want 7 samples and a canceled context", r.n, r.err)
		}
		if got := f.payloads(); !slices.Equal(got, numbers(0, 27)) {
			t.Errorf("received %v", got)
		}
	})
}

// TestLostConnection has the broker drop the link with messages under way, and the forwarder's second try: everything
// arrives, at most a window of it twice, each value's last arrival in order.
func TestLostConnection(t *testing.T) {
	versions(t, func(t *testing.T, version string) {
		f := newFake(t)
		f.on(func(p published) (int, bool) {
			n, _ := strconv.Atoi(p.payload)
			if p.conn > 1 || n < 30 {
				return 0, false
			}
			return withhold, n == 35
		})
		s := open(t, f.addr(), func(o *Options) { o.Version = version })
		v := polls(plant("boiler", 100), 1)
		n, err := s.Send(t.Context(), v)
		if n > 30 || n < 30-inFlight || err == nil || faultOf(t, err).Action != sinks.Retry {
			t.Fatalf("Send = %d, %v", n, err)
		}
		rest := v.Slice(n, v.Len())
		if m, err := s.Send(t.Context(), &rest); m != rest.Len() || err != nil {
			t.Fatalf("second Send = %d, %v", m, err)
		}
		got := f.payloads()
		if extra := len(got) - 100; extra < 0 || extra > inFlight {
			t.Errorf("%d messages twice", extra)
		}
		if tail := got[len(got)-70:]; !slices.Equal(tail, numbers(30, 100)) {
			t.Errorf("ends with %v", tail)
		}
	})
}

// TestSilentBroker has a broker that stops to answer: the connection is given up.
func TestSilentBroker(t *testing.T) {
	versions(t, func(t *testing.T, version string) {
		f := newFake(t)
		f.on(func(published) (int, bool) { return withhold, false })
		s := open(t, f.addr(), func(o *Options) { o.Version, o.Timeout = version, 100*time.Millisecond })
		n, err := s.Send(t.Context(), polls(plant("boiler", 5), 1))
		if n != 0 || !errors.Is(err, errSilent) || faultOf(t, err).Action != sinks.Retry {
			t.Errorf("Send = %d, %v", n, err)
		}
		f.on(nil)
		if n, err := s.Send(t.Context(), polls(plant("boiler", 5), 1)); n != 5 || err != nil {
			t.Errorf("Send = %d, %v", n, err)
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		if len(f.conns) != 2 {
			t.Errorf("%d connections, want 2", len(f.conns))
		}
	})
}

// TestRefusedMessage has the broker refuse one message of many: only that is lost, and nothing is sent twice for it.
func TestRefusedMessage(t *testing.T) {
	f := newFake(t)
	f.on(func(p published) (int, bool) {
		if p.payload == "5" || p.payload == "8" {
			return codeNotAuthorized, false
		}
		return 0, false
	})
	s := open(t, f.addr(), nil)
	v := polls(plant("boiler", 60), 1)
	at := 0
	for _, want := range []int{5, 8} {
		rest := v.Slice(at, v.Len())
		n, err := s.Send(t.Context(), &rest)
		fault := faultOf(t, err)
		if at += n; at != want || fault.Action != sinks.Refuse || fault.Refused != 1 {
			t.Fatalf("Send to %d, %+v, want a refusal at %d", at, fault, want)
		}
		if text := err.Error(); !strings.Contains(text, "not authorized") || !strings.Contains(text, "plant/line-3/boiler/t") {
			t.Errorf("the refusal says %s", text)
		}
		at++
	}
	rest := v.Slice(at, v.Len())
	if n, err := s.Send(t.Context(), &rest); n != rest.Len() || err != nil {
		t.Fatalf("Send = %d, %v", n, err)
	}
	if got := f.payloads(); !slices.Equal(got, numbers(0, 60)) {
		t.Errorf("received %v", got)
	}
}

// TestBusyBroker has the broker's quota be exceeded: to be tried again.
func TestBusyBroker(t *testing.T) {
	for _, code := range []int{codeQuota, codeBusy} {
		f := newFake(t)
		f.on(func(p published) (int, bool) {
			if p.payload == "3" {
				return code, false
			}
			return 0, false
		})
		s := open(t, f.addr(), nil)
		n, err := s.Send(t.Context(), polls(plant("boiler", 10), 1))
		if n != 3 || faultOf(t, err).Action != sinks.Retry {
			t.Errorf("code %#x: Send = %d, %v", code, n, err)
		}
	}
}
