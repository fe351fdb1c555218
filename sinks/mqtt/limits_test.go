package mqtt

import (
	"slices"
	"strings"
	"testing"

	"tagbridge/sinks"
)

// TestReceiveMaximum has the broker take three messages at a time.
func TestReceiveMaximum(t *testing.T) {
	f := newFake(t)
	f.connack = []byte{0, 0, 3, 0x21, 0, 3}
	pending := 0
	f.on(func(p published) (int, bool) {
		if pending++; pending > 3 {
			t.Errorf("%d messages under way", pending)
		}
		return withhold, false
	})
	s := open(t, f.addr(), nil)
	done := make(chan error, 1)
	go func() {
		_, err := s.Send(t.Context(), polls(plant("boiler", 20), 1))
		done <- err
	}()
	for at := 0; at < 20; {
		want := min(3, 20-at)
		f.await("a full window", func() bool { return len(f.received) == at+want })
		f.mu.Lock()
		pending = 0
		ids, c := f.received[at:at+want], f.conns[0]
		at += want
		for _, p := range ids {
			c.Write(puback(p.id, 0, true))
		}
		f.mu.Unlock()
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// TestMaximumPacketSize has the broker take 100 bytes: a batch is cut to fit, a single value that does not is refused.
func TestMaximumPacketSize(t *testing.T) {
	f := newFake(t)
	f.connack = []byte{0, 0, 5, 0x27, 0, 0, 0, 130}
	s := open(t, f.addr(), func(o *Options) { o.Format, o.Topic = "batch", topic("b") })
	if n, err := s.Send(t.Context(), polls(plant("p", 20), 1)); n != 20 || err != nil {
		t.Fatalf("Send = %d, %v", n, err)
	}
	values := 0
	for _, p := range f.payloads() {
		if len(p)+1+overhead > 130 {
			t.Errorf("a message of %d bytes", len(p))
		}
		values += strings.Count(p, `"t`) - 1 // "time"
	}
	if values != 20 {
		t.Errorf("%d values arrived", values)
	}

	s = open(t, f.addr(), func(o *Options) { o.Format = "json" })
	n, err := s.Send(t.Context(), polls(plant("p", 3), 1))
	if fault := faultOf(t, err); n != 0 || fault.Action != sinks.Refuse || fault.Refused != 1 || !strings.Contains(err.Error(), "130") {
		t.Errorf("Send = %d, %v", n, err)
	}
}

// TestTopicAlias has the broker remember two topics: their names are sent until it has taken one message of each.
func TestTopicAlias(t *testing.T) {
	f := newFake(t)
	f.connack = []byte{0, 0, 3, 0x22, 0, 2}
	s := open(t, f.addr(), nil)
	v := polls(plant("boiler", 3), 1)
	for range 3 {
		if _, err := s.Send(t.Context(), v); err != nil {
			t.Fatal(err)
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, p := range f.received {
		tag, round := i%3, i/3
		wantTopic, wantAlias := "plant/line-3/boiler/t"+p.payload, uint16(tag+1)
		if tag == 2 {
			wantAlias = 0
		} else if round > 0 {
			wantTopic = ""
		}
		if p.topic != wantTopic || p.alias != wantAlias {
			t.Errorf("message %d has topic %q, alias %d, want %q, %d", i, p.topic, p.alias, wantTopic, wantAlias)
		}
	}
}

// TestAliasEndsWithItsConnection has the names be sent again on a new one.
func TestAliasEndsWithItsConnection(t *testing.T) {
	f := newFake(t)
	f.connack = []byte{0, 0, 3, 0x22, 0, 2}
	s := open(t, f.addr(), nil)
	v := polls(plant("boiler", 1), 1)
	for _, again := range []bool{false, true} {
		if again {
			s.hangUp(true)
		}
		if _, err := s.Send(t.Context(), v); err != nil {
			t.Fatal(err)
		}
	}
	var topics []string
	for _, p := range f.received {
		topics = append(topics, p.topic)
	}
	if want := []string{"plant/line-3/boiler/t0", "plant/line-3/boiler/t0"}; !slices.Equal(topics, want) {
		t.Errorf("topics %q, want %q", topics, want)
	}
}
