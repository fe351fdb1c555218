package nats

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"tagbridge/sinks"
	"tagbridge/testrig/hostile"
)

// TestAnswers has a server answer in each way in which it does not take a message.
func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		line, want string
		action     sinks.Action
	}{
		{"nobody", "no stream takes this subject: make one", sinks.Hold},
		{"text", "something answers there that is no stream", sinks.Hold},
		{"other", "stream OTHER has taken it, and not PLANT", sinks.Hold},
		{"error:10054", "max_msg_size is smaller", sinks.Shrink},
		{"error:10060", "another stream than PLANT takes this subject", sinks.Hold},
		{"error:10077", "the stream is full", sinks.Hold},
		{"error:10047", "no room left", sinks.Hold},
		{"error:10158", "(10158)", sinks.Retry},
		{"error:10008", "(10008)", sinks.Retry},
		{"error:12345", "(12345)", sinks.Retry}, // code 503
		{"deny", `Publish to "plant.line-3.p"; let this user publish there`, sinks.Hold},
		{"hangup", "closed the connection", sinks.Retry},
		{"garbage to=plant", "broke the protocol", sinks.Retry},
		{"huge to=plant", "at most 65536 are taken", sinks.Retry},
		{"line to=plant", "a line of more than", sinks.Retry},
		{"silent to=plant", "no acknowledgement within", sinks.Retry},
		{"auth to=connect", "authorization violation; check username and password", sinks.Hold},
		{"garbage to=connect", "", sinks.Retry},
		{"huge to=connect", "", sinks.Retry},
		{"line to=connect", "", sinks.Retry},
		{"silent to=connect", "", sinks.Retry},
	} {
		t.Run(c.line, func(t *testing.T) {
			p := serve(t, c.line)
			s := open(t, func(o *Options) {
				o.Stream = "PLANT"
				if strings.HasPrefix(c.line, "silent") { // all others answer, however long a busy machine takes for it
					o.Timeout = 2 * time.Second
				}
			}, p.Addr())
			n, err := s.Send(patience(t), polls(plant("p", 3), 1, 7))
			if fault := faultOf(t, err); n != 0 || fault.Action != c.action || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Send = %d, %v (action %d), want %q, action %d", n, err, fault.Action, c.want, c.action)
			}
			if text := err.Error(); !strings.HasPrefix(text, "nats server "+p.Addr()+": ") || strings.Contains(text, "nats: ") {
				t.Errorf("error %q", text)
			}
			if err := p.Set(); err != nil {
				t.Fatal(err)
			}
			if n, err := s.Send(patience(t), polls(plant("p", 3), 1, 7)); n != 3 || err != nil {
				t.Errorf("once it is well: Send = %d, %v", n, err)
			}
		})
	}
}

// TestTwiceAndFlood has a server answer too much, which harms nothing.
func TestTwiceAndFlood(t *testing.T) {
	p := serve(t, "twice every=3", "flood every=5")
	s := open(t, nil, p.Addr())
	for round := range 20 {
		if n, err := s.Send(patience(t), polls(plant(fmt.Sprint("p", round%3), 4), 10, 0)); n != 40 || err != nil {
			t.Fatalf("Send = %d, %v", n, err)
		}
	}
}

// TestOneOfASeriesAtATime has a stream refuse one message of each device now and then: what it stores is in order for each device,
// those of other devices go on beside it.
func TestOneOfASeriesAtATime(t *testing.T) {
	p := serve(t, "error:10077 every=7")
	s := open(t, nil, p.Addr())
	var v sinks.View
	groups := []string{"a", "b", "c"}
	for i := range 60 {
		one := polls(plant(groups[i%3], 1), 1, sinks.Pos(i))
		one.Batches[0].Samples[0].Time = int64(i+1) * int64(time.Second)
		one.Batches[0].Samples[0].Bits = uint64(i)
		v.AppendFrom(sinks.Pos(i), &one.Batches[0], nil)
	}
	for done := 0; done < v.Len(); {
		rest := v.Slice(done, v.Len())
		n, err := s.Send(patience(t), &rest)
		if done += n; err == nil && done < v.Len() {
			t.Fatalf("%d of %d without an error", done, v.Len())
		}
	}
	last, seen := map[string]string{}, map[string]bool{}
	for _, m := range p.Messages() {
		if seen[m.Topic+m.Payload] {
			continue
		}
		seen[m.Topic+m.Payload] = true
		if m.Payload < last[m.Topic] { // they begin with the time
			t.Errorf("%s: %.60s after %.60s", m.Topic, m.Payload, last[m.Topic])
		}
		last[m.Topic] = m.Payload
	}
	if len(seen) != 60 {
		t.Errorf("%d messages arrived", len(seen))
	}
}

// TestSecondServer has the first of two servers be away, then the second.
func TestSecondServer(t *testing.T) {
	gone, well := serve(t), serve(t)
	gone.Close()
	s := open(t, nil, gone.Addr(), well.Addr())
	if n, err := s.Send(patience(t), polls(plant("p", 1), 1, 0)); n != 1 || err != nil {
		t.Fatalf("Send = %d, %v", n, err)
	}
	well.Close()
	_, err := s.Send(patience(t), polls(plant("p", 1), 1, 0))
	for err != nil && !strings.Contains(err.Error(), "; server") {
		_, err = s.Send(patience(t), polls(plant("p", 1), 1, 0))
	}
	if fault := faultOf(t, err); fault.Action != sinks.Retry || !strings.Contains(err.Error(), gone.Addr()) || !strings.Contains(err.Error(), well.Addr()) {
		t.Errorf("both away: %v", err)
	}
}

// TestEncryption has servers that want TLS, and that have none, meet the other kind of URL.
func TestEncryption(t *testing.T) {
	p := serve(t)
	s := open(t, func(o *Options) { o.URLs = []string{"tls://" + p.Addr()} })
	if _, err := s.Send(patience(t), polls(plant("p", 1), 1, 0)); faultOf(t, err).Action != sinks.Hold || !strings.Contains(err.Error(), "has no TLS") {
		t.Errorf("tls:// at one without: %v", err)
	}
	p.Inform(`{"tls_required":true}`)
	s = open(t, func(o *Options) { o.Username, o.Password = "me", "hunter2" }, p.Addr())
	if _, err := s.Send(patience(t), polls(plant("p", 1), 1, 0)); faultOf(t, err).Action != sinks.Hold || !strings.Contains(err.Error(), "begin the url with tls://") {
		t.Errorf("nats:// at one with: %v", err)
	}
}

// TestForeignServers has what is no NATS server answer.
func TestForeignServers(t *testing.T) {
	for info, want := range map[string]string{
		`no`: "its INFO is no JSON", `{"proto":1,"headers":true,"max_payload":100}`: "which is too little",
		`{"proto":1,"headers":true,"max_payload":-5}`: "which is too little", `{"proto":1,"max_payload":100000}`: "headers not supported",
	} {
		p := serve(t)
		p.Inform(info)
		s := open(t, nil, p.Addr())
		if _, err := s.Send(patience(t), polls(plant("p", 1), 1, 0)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", info, err)
		}
	}
	b, err := hostile.NewDatabase()
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	s := open(t, func(o *Options) { o.Timeout = 300 * time.Millisecond }, b.Addr())
	if _, err := s.Send(patience(t), polls(plant("p", 1), 1, 0)); err == nil {
		t.Error("a database was taken for NATS")
	}
}

// TestSendIsCanceled ends a Send whose server does not answer, and one whose server does not even read.
func TestSendIsCanceled(t *testing.T) {
	p := serve(t, "silent to=plant")
	s := open(t, func(o *Options) { o.Timeout = time.Hour }, p.Addr())
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := s.Send(ctx, polls(plant("p", 500), 2000, 0))
		done <- err
	}()
	<-p.Strike()
	cancel()
	select {
	case err := <-done:
		if err != context.Canceled {
			t.Errorf("Send: %v", err)
		}
	case <-patience(t).Done():
		t.Fatal("Send goes on")
	}
}
