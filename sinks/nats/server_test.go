package nats

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"tagbridge/mapping"
	"tagbridge/sinks"
	"tagbridge/testrig/natsd"
)

func TestMain(m *testing.M) {
	natsd.Child()
	os.Exit(m.Run())
}

// admin is a connection of whoever looks after the streams.
func admin(t testing.TB, options []nats.Option, servers ...*natsd.Server) jetstream.JetStream {
	t.Helper()
	var urls []string
	for _, s := range servers {
		urls = append(urls, "nats://"+s.Address)
	}
	nc, err := nats.Connect(strings.Join(urls, ","), append(options, nats.MaxReconnects(-1), nats.ReconnectWait(20*time.Millisecond))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

// stream makes one of plant.>, as soon as the servers can.
func stream(t testing.TB, js jetstream.JetStream, c jetstream.StreamConfig) jetstream.Stream {
	t.Helper()
	c.Name, c.Subjects = "PLANT", []string{"plant.>"}
	ctx := patience(t)
	for {
		one, cancel := context.WithTimeout(ctx, 20*time.Second)
		s, err := js.CreateOrUpdateStream(one, c)
		cancel()
		if err == nil {
			return s
		}
		if ctx.Err() != nil {
			t.Fatal(err)
		}
	}
}

// traffic is samples of some devices with four tags each, on their way to a stream by a sink.
type traffic struct {
	t      testing.TB
	sink   *Sink
	groups []*mapping.Group
	pos    sinks.Pos
	faults int // errors of Send
	holds  int // of those, that somebody has to mend something
}

func newTraffic(t testing.TB, s *Sink) *traffic {
	r := &traffic{t: t, sink: s}
	for i := range 6 {
		r.groups = append(r.groups, plant(fmt.Sprint("d", i), 4))
	}
	return r
}

// view is n rounds of all devices.
func (r *traffic) view(n int) *sinks.View {
	var v sinks.View
	for range n {
		for _, g := range r.groups {
			b := mapping.Batch{Group: g}
			for i := range g.Series {
				b.Samples = append(b.Samples, mapping.Sample{Time: int64(r.pos+1) * int64(time.Millisecond), Index: uint16(i), Kind: mapping.Int, Bits: uint64(r.pos)})
			}
			v.AppendFrom(r.pos, &b, nil)
			r.pos += sinks.Pos(len(b.Samples))
		}
	}
	return &v
}

// deliver sends v as a forwarder does, with shorter pauses.
func (r *traffic) deliver(v *sinks.View) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	for done := 0; done < v.Len(); {
		rest := v.Slice(done, v.Len())
		n, err := r.sink.Send(ctx, &rest)
		done += n
		if err == nil {
			continue
		}
		if ctx.Err() != nil {
			r.t.Fatalf("%d of %d delivered: %v", done, v.Len(), err)
		}
		r.faults++
		f := faultOf(r.t, err)
		switch f.Action {
		case sinks.Hold:
			r.holds++
		case sinks.Refuse:
			r.t.Fatalf("refused: %v", err)
		}
		select {
		case <-time.After(20 * time.Millisecond): // nobody tells when a server is back
		case <-ctx.Done():
		}
	}
}

// stored is what the stream holds: the values of each tag, in order.
type stored struct {
	values   map[string][]int
	messages int
	twice    int // messages that are there more than once
}

// read reads all of the stream.
func read(t testing.TB, s jetstream.Stream) stored {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	info, err := s.Info(ctx)
	if err != nil {
		t.Fatal(err)
	}
	out := stored{values: map[string][]int{}}
	seen := map[string]bool{}
	for seq := info.State.FirstSeq; seq <= info.State.LastSeq && info.State.Msgs > 0; seq++ {
		m, err := s.GetMsg(ctx, seq)
		if err != nil {
			t.Fatalf("message %d: %v", seq, err)
		}
		var o struct {
			Device string
			Values map[string]int
		}
		if err := json.Unmarshal(m.Data, &o); err != nil {
			t.Fatalf("message %d: %v", seq, err)
		}
		if want := "plant.line-3." + o.Device; m.Subject != want {
			t.Errorf("message %d of %s is of subject %s", seq, o.Device, m.Subject)
		}
		if seen[string(m.Data)] {
			out.twice++
		}
		seen[string(m.Data)] = true
		for tag, v := range o.Values {
			out.values[o.Device+"/"+tag] = append(out.values[o.Device+"/"+tag], v)
		}
		out.messages++
	}
	return out
}

// check wants every value of each tag up to r.pos once at least, and new ones in order.
func (s *stored) check(t testing.TB, r *traffic) {
	t.Helper()
	rounds := int(r.pos) / 24
	if len(s.values) != 24 {
		t.Errorf("%d tags have arrived, want 24", len(s.values))
	}
	for tag, list := range s.values {
		next := list[0] % 24
		for _, v := range list {
			switch {
			case v == next:
				next += 24
			case v > next:
				t.Fatalf("%s: %d came before %d", tag, v, next)
			}
		}
		if next < int(r.pos) {
			t.Errorf("%s: %d of %d values arrived", tag, next/24, rounds)
		}
	}
}

// TestServerKilled kills the server again and again while samples go to it.
func TestServerKilled(t *testing.T) {
	server := natsd.New(t, "")
	js := admin(t, nil, server)
	s := stream(t, js, jetstream.StreamConfig{Storage: jetstream.FileStorage})
	r := newTraffic(t, open(t, func(o *Options) { o.Stream = "PLANT" }, server.Address))
	for round := range 40 {
		done := make(chan struct{})
		v := r.view(50)
		go func() { defer close(done); r.deliver(v) }()
		if round%8 == 3 {
			if round%16 == 3 {
				server.Kill()
			} else {
				server.Stop()
			}
			server.Start(t)
		}
		<-done
	}
	got := read(t, s)
	got.check(t, r)
	if r.faults == 0 {
		t.Error("nothing failed: this shows nothing")
	}
	if most := r.faults * inFlight; got.twice > most {
		t.Errorf("%d messages came twice, at most %d may", got.twice, most)
	}
	t.Logf("%d messages, %d twice, %d failures of Send", got.messages, got.twice, r.faults)
}

// TestServerFrozen has the server stand still, with its connections open, and go on.
func TestServerFrozen(t *testing.T) {
	server := natsd.New(t, "")
	s := stream(t, admin(t, nil, server), jetstream.StreamConfig{})
	r := newTraffic(t, open(t, func(o *Options) { o.Timeout = 200 * time.Millisecond }, server.Address))
	r.deliver(r.view(3))
	if err := server.Freeze(); err != nil {
		t.Fatal(err)
	}
	v := r.view(30)
	_, err := r.sink.Send(patience(t), v)
	if f := faultOf(t, err); f.Action != sinks.Retry || !strings.Contains(err.Error(), "no acknowledgement within") {
		t.Errorf("frozen: %v", err)
	}
	if err := server.Thaw(); err != nil {
		t.Fatal(err)
	}
	r.deliver(v)
	got := read(t, s)
	got.check(t, r)
	if got.twice > 0 {
		t.Errorf("%d messages came twice, though the stream knows them", got.twice)
	}
}

// TestLeaderKilled has a cluster of three lose the leader of the stream while samples go to it.
func TestLeaderKilled(t *testing.T) {
	servers := natsd.Cluster(t, 3)
	js := admin(t, nil, servers...)
	s := stream(t, js, jetstream.StreamConfig{Replicas: 3, Storage: jetstream.FileStorage})
	addresses := []string{servers[0].Address, servers[1].Address, servers[2].Address}
	r := newTraffic(t, open(t, func(o *Options) { o.Stream, o.Timeout = "PLANT", 2*time.Second }, addresses...))
	r.deliver(r.view(20))
	for round := range 1 {
		info, err := s.Info(patience(t))
		if err != nil {
			t.Fatal(err)
		}
		var leader *natsd.Server
		for i, one := range servers {
			if info.Cluster != nil && info.Cluster.Leader == fmt.Sprint("n", i) {
				leader = one
			}
		}
		if leader == nil {
			t.Fatalf("round %d: who leads? %+v", round, info.Cluster)
		}
		v := r.view(200)
		done := make(chan struct{})
		go func() { defer close(done); r.deliver(v) }()
		leader.Kill()
		<-done
		leader.Start(t)
		r.deliver(r.view(20))
		current(t, s)
	}
	got := read(t, s)
	got.check(t, r)
	if most := r.faults * inFlight; got.twice > most {
		t.Errorf("%d messages came twice, at most %d may", got.twice, most)
	}
	t.Logf("%d messages, %d twice, %d failures of Send", got.messages, got.twice, r.faults)
}

// current waits until all three servers have all of s.
func current(t testing.TB, s jetstream.Stream) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		one, cancel := context.WithTimeout(ctx, 10*time.Second)
		info, err := s.Info(one)
		cancel()
		if err == nil && info.Cluster != nil && len(info.Cluster.Replicas) == 2 && info.Cluster.Replicas[0].Current && info.Cluster.Replicas[1].Current {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("the cluster is not whole again: %v", err)
		}
	}
}
