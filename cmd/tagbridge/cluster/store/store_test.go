package store

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"tagbridge/testrig/natsd"
)

func TestMain(m *testing.M) {
	natsd.Child()
	os.Exit(m.Run())
}

// start runs a store on those servers until the test ends.
func start(t *testing.T, o Options, servers ...*natsd.Server) *Store {
	t.Helper()
	if o.Bridge == "" {
		o.Bridge = "line 3"
	}
	o.Node, o.Log = "pc-a", slog.New(slog.NewTextHandler(t.Output(), nil))
	for _, s := range servers {
		o.URLs = append(o.URLs, "nats://"+s.Address)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return s
}

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

func link(t *testing.T, s *Store) *Link {
	t.Helper()
	l, err := s.Link(within(t, 3*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func bucket(t *testing.T, s *Store) (*Link, jetstream.KeyValue) {
	t.Helper()
	var kv jetstream.KeyValue
	var l *Link
	await(t, "the bucket is open", func() (ok bool) {
		var err error
		l = link(t, s)
		kv, err = l.Bucket(within(t, 20*time.Second), jetstream.KeyValueConfig{Bucket: Claims("line 3"), MaxBytes: 1 << 20})
		return err == nil
	})
	return l, kv
}

// await waits until what is so.
func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for began := time.Now(); !is(); <-tick.C {
		if time.Since(began) > 3*time.Minute {
			t.Fatalf("it never came: %s", what)
		}
	}
}

// replicas waits until it is said how many copies there are: nobody says it while a leader is chosen.
func replicas(t *testing.T, l *Link, stream string) (n int) {
	t.Helper()
	await(t, "the number of copies is told", func() bool {
		s, err := l.JS.Stream(within(t, 10*time.Second), stream)
		if err == nil {
			n = s.CachedInfo().Config.Replicas
		}
		return err == nil
	})
	return n
}

// TestSingle has everything be opened on a server alone, stay over its restart, and the link come back.
func TestSingle(t *testing.T) {
	server := natsd.New(t, "")
	s := start(t, Options{}, server)
	l, kv := bucket(t, s)
	ctx := within(t, 3*time.Minute)
	if _, err := kv.Create(ctx, Key("tcp://10.0.0.1:502"), []byte("x")); err != nil {
		t.Fatal(err)
	}
	_, err := kv.Create(ctx, Key("tcp://10.0.0.1:502"), []byte("y"))
	if !Conflict(err) || !Conflict(l.Why(err, "claims")) {
		t.Errorf("a key that is there is created: %v", err)
	}
	if _, err := l.Stream(ctx, jetstream.StreamConfig{Name: Records("line 3", "pc-a"), Subjects: []string{"s.>"}, MaxBytes: 1 << 20}); err != nil {
		t.Error(err)
	}
	if _, err := l.Objects(ctx, jetstream.ObjectStoreConfig{Bucket: Revisions("line 3"), MaxBytes: 1 << 20}); err != nil {
		t.Error(err)
	}
	if _, err := l.Bucket(ctx, jetstream.KeyValueConfig{Bucket: "b"}); err == nil {
		t.Error("a bucket without bound is opened")
	}
	if n := replicas(t, l, "KV_"+Claims("line 3")); n != 1 {
		t.Errorf("%d replicas of one server", n)
	}
	server.Kill()
	<-l.Gone()
	await(t, "it says so", func() bool { return s.Current() == nil && s.State().Error != "" })
	if _, err := s.Link(within(t, 50*time.Millisecond)); err == nil || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), server.Address) {
		t.Errorf("Link without a server: %v", err)
	}
	server.Start(t)
	_, kv = bucket(t, s)
	if e, err := kv.Get(ctx, Key("tcp://10.0.0.1:502")); err != nil || string(e.Value()) != "x" {
		t.Errorf("after a restart: %v, %v", e, err)
	}
}

// TestClusterOfThree has what is stored be on three servers, and be there when the server that is used is killed or frozen.
func TestClusterOfThree(t *testing.T) {
	servers := natsd.Cluster(t, 3)
	s := start(t, Options{}, servers...)
	l, kv := bucket(t, s)
	if n := replicas(t, l, "KV_"+Claims("line 3")); n != 3 {
		t.Errorf("%d replicas on three servers", n)
	}
	await(t, "it is written", func() bool { _, err := kv.PutString(within(t, 10*time.Second), "k", "x"); return err == nil })
	// used is a link that lives, and its server.
	used := func() (l *Link, server *natsd.Server) {
		await(t, "a server is used", func() bool {
			l = link(t, s)
			at := slices.IndexFunc(servers, func(one *natsd.Server) bool { return one.Address == s.State().Server })
			if at < 0 || s.Current() != l {
				return false
			}
			server = servers[at]
			return true
		})
		return l, server
	}
	read := func(what string) {
		t.Helper()
		await(t, what, func() bool {
			l, err := s.Link(within(t, 10*time.Second))
			if err != nil {
				return false
			}
			kv, err := l.JS.KeyValue(within(t, 10*time.Second), Claims("line 3"))
			if err != nil {
				return false
			}
			e, err := kv.Get(within(t, 10*time.Second), "k")
			return err == nil && string(e.Value()) == "x"
		})
	}
	read("it is read")
	l, dead := used()
	dead.Kill()
	<-l.Gone()
	read("it is read after a server was killed")
	dead.Start(t)
	l, frozen := used()
	if err := frozen.Freeze(); err != nil {
		t.Fatal(err)
	}
	<-l.Gone()
	read("it is read while a server is frozen")
	if err := frozen.Thaw(); err != nil {
		t.Fatal(err)
	}
}

// TestGrows has what was opened while a server of three was missing be copied to three later, with the rights of nats-accounts.conf.
func TestGrows(t *testing.T) {
	accounts, err := os.ReadFile("../../../../configs/nats-accounts.conf")
	if err != nil {
		t.Fatal(err)
	}
	servers := natsd.ClusterWith(t, 3, string(accounts))
	s := start(t, Options{Bridge: "line-3", Username: "tagbridge", Password: "change-me"}, servers...)
	name := Claims("line-3")
	ctx := within(t, 5*time.Minute)
	await(t, "one copy", func() bool {
		_, err := link(t, s).JS.CreateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: name, MaxBytes: 1 << 20, Replicas: 1})
		return err == nil
	})
	await(t, "it is opened", func() bool {
		_, err := link(t, s).Bucket(within(t, 20*time.Second), jetstream.KeyValueConfig{Bucket: name, MaxBytes: 1 << 20})
		return err == nil
	})
	await(t, "three copies", func() bool {
		l := link(t, s)
		s.growAll(ctx, l)
		return replicas(t, l, "KV_"+name) == 3
	})
}
