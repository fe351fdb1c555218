package nats

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"tagbridge/mapping"
	"tagbridge/sinks"
	"tagbridge/testrig/natsd"
)

// TestStreamFull has a stream that discards new messages be full for a while.
func TestStreamFull(t *testing.T) {
	server := natsd.New(t, "")
	js := admin(t, nil, server)
	s := stream(t, js, jetstream.StreamConfig{MaxMsgs: 50, Discard: jetstream.DiscardNew})
	r := newTraffic(t, open(t, nil, server.Address))
	v := r.view(30) // 180 messages
	for done, room := 0, 50; done < v.Len(); room += 50 {
		rest := v.Slice(done, v.Len())
		n, err := r.sink.Send(patience(t), &rest)
		if done += n; err == nil {
			break
		}
		if f := faultOf(t, err); f.Action != sinks.Hold || !strings.Contains(err.Error(), "the stream is full") {
			t.Fatalf("full: %v", err)
		}
		// What is tried again goes alone, so that nothing comes twice however long it lasts.
		rest = v.Slice(done, v.Len())
		if n, err := r.sink.Send(patience(t), &rest); n != 0 || faultOf(t, err).Action != sinks.Hold {
			t.Fatalf("still full: Send = %d, %v", n, err)
		}
		stream(t, js, jetstream.StreamConfig{MaxMsgs: int64(room + 50), Discard: jetstream.DiscardNew})
	}
	got := read(t, s)
	got.check(t, r)
	if got.messages != 180 || got.twice != 0 {
		t.Errorf("%d messages, %d twice", got.messages, got.twice)
	}
}

// TestNoStream has the stream be made only after the sink has asked for it.
func TestNoStream(t *testing.T) {
	server := natsd.New(t, "")
	r := newTraffic(t, open(t, nil, server.Address))
	v := r.view(5)
	_, err := r.sink.Send(patience(t), v)
	if f := faultOf(t, err); f.Action != sinks.Hold || !strings.Contains(err.Error(), "no stream takes this subject: make one") {
		t.Errorf("no stream: %v", err)
	}
	s := stream(t, admin(t, nil, server), jetstream.StreamConfig{})
	r.deliver(v)
	got := read(t, s)
	got.check(t, r)
	other := open(t, func(o *Options) { o.Stream = "OTHER" }, server.Address)
	_, err = other.Send(patience(t), r.view(1))
	if f := faultOf(t, err); f.Action != sinks.Hold || !strings.Contains(err.Error(), "another stream than OTHER takes this subject") {
		t.Errorf("another stream: %v", err)
	}
}

// TestDuplicateWindowOver has acknowledgements be lost, and the samples come again once the stream has forgotten their
// identifiers, and before.
func TestDuplicateWindowOver(t *testing.T) {
	server := natsd.New(t, "")
	const window = 100 * time.Millisecond // the shortest that a server takes
	s := stream(t, admin(t, nil, server), jetstream.StreamConfig{Duplicates: window})
	r := newTraffic(t, open(t, nil, server.Address))
	r.deliver(r.view(20))
	v := r.view(20)
	for _, wait := range []bool{false, true} {
		if _, err := r.sink.Send(patience(t), v); err != nil {
			t.Fatal(err)
		}
		last := v.Slice(v.Len()-24, v.Len()) // whose acknowledgements the bridge did not see, as it were
		if wait {
			<-time.After(2 * window) // it does not tell when it has forgotten
		}
		if _, err := r.sink.Send(patience(t), &last); err != nil {
			t.Fatal(err)
		}
		got := read(t, s)
		got.check(t, r)
		if most := 6; !wait && got.twice != 0 || wait && got.twice > 2*most*20 {
			t.Errorf("after the window %t: %d messages twice", wait, got.twice)
		}
	}
}

// TestTooLargeForStream has a stream that takes 400 bytes: batches are cut, a text that alone is larger is refused.
func TestTooLargeForStream(t *testing.T) {
	server := natsd.New(t, "")
	s := stream(t, admin(t, nil, server), jetstream.StreamConfig{MaxMsgSize: 400})
	sink := open(t, nil, server.Address)
	v := polls(plant("p", 60), 2, 0)
	for done, tries := 0, 0; done < v.Len(); tries++ {
		rest := v.Slice(done, v.Len())
		n, err := sink.Send(patience(t), &rest)
		if done += n; err != nil && faultOf(t, err).Action != sinks.Shrink || tries > 20 {
			t.Fatalf("Send = %d, %v", n, err)
		}
	}
	if got := read(t, s); len(got.values) != 60 || len(got.values["p/t7"]) != 2 {
		t.Errorf("%v arrived", got.values)
	}
	g := mapping.NewGroup(mapping.Group{Bridge: "line-3", Device: "p", Series: []*mapping.Series{
		{Tag: "text", SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Text}}}})
	b := mapping.Batch{Group: g}
	one := mapping.Sample{Time: 1, Kind: mapping.Text}
	b.PutText(&one, []byte(strings.Repeat("long", 200)))
	b.Samples = append(b.Samples, one)
	var text sinks.View
	text.AppendFrom(120, &b, nil)
	n, err := sink.Send(patience(t), &text)
	if f := faultOf(t, err); n != 0 || f.Action != sinks.Refuse || f.Refused != 1 {
		t.Errorf("a text that is too large: Send = %d, %v", n, err)
	}
}

// TestTooLargeForServer has a server that takes 600 bytes.
func TestTooLargeForServer(t *testing.T) {
	server := natsd.New(t, "max_payload: 800\n")
	s := stream(t, admin(t, nil, server), jetstream.StreamConfig{})
	sink := open(t, nil, server.Address)
	if n, err := sink.Send(patience(t), polls(plant("p", 60), 2, 0)); n != 120 || err != nil {
		t.Fatalf("Send = %d, %v", n, err)
	}
	if got := read(t, s); len(got.values) != 60 || got.messages < 4 {
		t.Errorf("%d messages of %d tags arrived", got.messages, len(got.values))
	}
}

// TestManyDevices wants the window to be used: acknowledgements of different devices are waited for together.
func TestManyDevices(t *testing.T) {
	server := natsd.New(t, "")
	s := stream(t, admin(t, nil, server), jetstream.StreamConfig{})
	sink := open(t, func(o *Options) { o.Format, o.Subject = "json", subject("plant.{bridge}.{device}") }, server.Address)
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	for i := range 20 {
		g := plant(fmt.Sprint("p", i), 50)
		if n, err := sink.Send(ctx, polls(g, 4, sinks.Pos(i*200))); n != 200 || err != nil {
			t.Fatalf("Send = %d, %v", n, err)
		}
	}
	info, err := s.Info(ctx)
	if err != nil || info.State.Msgs != 4000 {
		t.Errorf("%d messages arrived, %v", info.State.Msgs, err)
	}
}
