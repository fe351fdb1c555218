package mqtt

import (
	"context"
	"strings"
	"testing"
	"time"

	"tagbridge/sinks"
)

func TestConnectionRefused(t *testing.T) {
	for _, c := range []struct {
		name, version string
		connack       []byte
		want          string
		action        sinks.Action
	}{
		{"login", "5", []byte{0, 0x86, 0}, "check username and password", sinks.Hold},
		{"access", "5", []byte{0, 0x87, 0}, "check username, password and what the broker allows", sinks.Hold},
		{"reason", "5", []byte{0, 0x87, 9, 0x1F, 0, 6, 'n', 'o', ' ', 'a', 'p', 'p'}, "not authorized (0x87): no app", sinks.Hold},
		{"echo", "5", []byte{0, 0x87, 10, 0x1F, 0, 7, 'h', 'u', 'n', 't', 'e', 'r', '2'}, "not authorized (0x87): ***", sinks.Hold},
		{"version", "5", []byte{0, 0x84, 0}, "set version: 3.1.1", sinks.Hold},
		{"old broker", "5", []byte{0, 1}, "set version: 3.1.1", sinks.Hold},
		{"busy", "5", []byte{0, 0x89, 0}, "server busy", sinks.Retry},
		{"retain", "5", []byte{0, 0x9A, 0}, "set retain: false", sinks.Hold},
		{"qos", "5", []byte{0, 0, 2, 0x24, 0}, "set qos: 0", sinks.Hold},
		{"unknown", "5", []byte{0, 0xFE, 0}, "reason code 0xFE", sinks.Retry},
		{"version", "3.1.1", []byte{0, 1}, "set version: 5", sinks.Hold},
		{"client id", "3.1.1", []byte{0, 2}, "client_id", sinks.Hold},
		{"unavailable", "3.1.1", []byte{0, 3}, "server unavailable", sinks.Retry},
		{"login", "3.1.1", []byte{0, 4}, "check username and password", sinks.Hold},
		{"access", "3.1.1", []byte{0, 5}, "check username, password and what the broker allows", sinks.Hold},
	} {
		t.Run(c.version+" "+c.name, func(t *testing.T) {
			f := newFake(t)
			f.connack = c.connack
			s := open(t, f.addr(), func(o *Options) { o.Version, o.Username, o.Password = c.version, "me", "hunter2" })
			n, err := s.Send(t.Context(), polls(plant("p", 1), 1))
			if fault := faultOf(t, err); n != 0 || fault.Action != c.action || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Send = %d, %v (action %d), want %q, action %d", n, err, fault.Action, c.want, c.action)
			}
			if text := err.Error(); strings.Contains(text, "hunter2") || !strings.HasPrefix(text, "mqtt broker "+f.addr()+": connect: ") {
				t.Errorf("error %q", text)
			}
		})
	}
}

// TestBrokerHangsUp has the broker end the connection with a reason.
func TestBrokerHangsUp(t *testing.T) {
	f := newFake(t)
	f.on(func(published) (int, bool) {
		f.conns[0].Write([]byte{14 << 4, 2, 0x8E, 0})
		return withhold, true
	})
	s := open(t, f.addr(), nil)
	_, err := s.Send(t.Context(), polls(plant("p", 1), 1))
	if fault := faultOf(t, err); fault.Action != sinks.Hold || !strings.Contains(err.Error(), "another client connects with the same client_id") {
		t.Errorf("Send: %v", err)
	}
}

// TestNobodyListens tries a port that is closed, and one where a connection is taken and nothing said.
func TestNobodyListens(t *testing.T) {
	versions(t, func(t *testing.T, version string) {
		f := newFake(t)
		f.ln.Close()
		s := open(t, f.addr(), func(o *Options) { o.Version = version })
		_, err := s.Send(t.Context(), polls(plant("p", 1), 1))
		if fault := faultOf(t, err); fault.Action != sinks.Retry || !strings.Contains(err.Error(), "refused") {
			t.Errorf("Send: %v", err)
		}
		mute := muted(t)
		s = open(t, mute, func(o *Options) { o.Version, o.Timeout = version, 50*time.Millisecond })
		_, err = s.Send(t.Context(), polls(plant("p", 1), 1))
		if fault := faultOf(t, err); fault.Action != sinks.Retry || !strings.Contains(err.Error(), "does not answer") {
			t.Errorf("Send: %v", err)
		}
	})
}

// TestSendIsCanceled has a connection that nobody answers on be broken off.
func TestSendIsCanceled(t *testing.T) {
	versions(t, func(t *testing.T, version string) {
		s := open(t, muted(t), func(o *Options) { o.Version, o.Timeout = version, time.Hour })
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			_, err := s.Send(ctx, polls(plant("p", 1), 1))
			done <- err
		}()
		cancel()
		select {
		case err := <-done:
			if err != context.Canceled {
				t.Errorf("Send: %v", err)
			}
		case <-patience(t).Done():
			t.Fatal("Send goes on")
		}
	})
}

// TestState looks at will, birth and farewell.
func TestState(t *testing.T) {
	versions(t, func(t *testing.T, version string) {
		f := newFake(t)
		s := open(t, f.addr(), func(o *Options) { o.Version, o.StateTopic = version, "plant/line-3/_state" })
		if n, err := s.Send(t.Context(), polls(plant("p", 1), 1)); n != 1 || err != nil {
			t.Fatalf("Send = %d, %v", n, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		f.await("the farewell", func() bool { return f.goodbyes == 1 })
		if body := string(f.connects[0]); !strings.Contains(body, "plant/line-3/_state\x00\x07offline") {
			t.Errorf("no will in CONNECT %q", body)
		}
		var got []string
		for _, p := range f.received {
			if p.topic == "plant/line-3/_state" && p.retain && p.qos == 1 {
				got = append(got, p.payload)
			} else if p.retain {
				t.Errorf("a value is retained: %+v", p)
			}
		}
		if strings.Join(got, " ") != "online offline" {
			t.Errorf("states %v", got)
		}
	})
}

// TestStateDenied has a broker that does not take the state: the values go on.
func TestStateDenied(t *testing.T) {
	f := newFake(t)
	f.on(func(p published) (int, bool) {
		if p.retain {
			return codeNotAuthorized, false
		}
		return 0, false
	})
	s := open(t, f.addr(), func(o *Options) { o.StateTopic = "state" })
	if n, err := s.Send(t.Context(), polls(plant("p", 4), 1)); n != 4 || err != nil {
		t.Errorf("Send = %d, %v", n, err)
	}
}
