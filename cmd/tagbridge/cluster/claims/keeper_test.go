package claims

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"tagbridge/cmd/tagbridge/cluster/store"
	"tagbridge/testrig/natsd"
)

func TestMain(m *testing.M) {
	natsd.Child()
	os.Exit(m.Run())
}

// pc is a member that does as its keeper says.
type pc struct {
	*Keeper
	t     *testing.T
	store *store.Store
	mu    sync.Mutex
	held  map[string]uint64
	lost  int
}

func start(t *testing.T, name string, endpoints int, servers ...*natsd.Server) *pc {
	t.Helper()
	return startWith(t, slog.New(slog.NewTextHandler(t.Output(), nil)), name, endpoints, servers...)
}

func startWith(t *testing.T, log *slog.Logger, name string, endpoints int, servers ...*natsd.Server) *pc {
	t.Helper()
	var urls []string
	for _, s := range servers {
		urls = append(urls, "nats://"+s.Address)
	}
	log = log.With("node", name)
	s, err := store.New(store.Options{Bridge: "line-3", Node: name, URLs: urls, Log: log, Username: "tagbridge", Password: "change-me"})
	if err != nil {
		t.Fatal(err)
	}
	p := &pc{t: t, store: s, held: map[string]uint64{}}
	for i := range endpoints {
		p.held[endpoint(i)] = 0
	}
	p.Keeper = NewKeeper(Options{Store: s, Bridge: "line-3", Node: name, Run: uint64(len(name)), Found: p.find, Look: time.Second, Log: log})
	ctx, cancel := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	wait.Go(func() { s.Run(ctx) })
	wait.Go(func() { p.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		wait.Wait()
	})
	return p
}

func endpoint(i int) string { return fmt.Sprintf("tcp://10.0.0.%d:502", i) }

func (p *pc) find(_ context.Context, list []Finding) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range list {
		switch at := p.held[f.Endpoint]; {
		case at == 0 || f.Epoch < at:
		case f.Over:
			p.held[f.Endpoint] = 0
			p.lost++
		default:
			p.held[f.Endpoint] = f.Epoch + 1
		}
	}
	p.tell()
}

func (p *pc) tell() {
	epochs := make(map[string]uint64, len(p.held))
	for name, epoch := range p.held {
		epochs[name] = epoch
	}
	p.Set(Held{true, epochs})
}

// take has it hold all, with that epoch.
func (p *pc) take(epoch uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for name := range p.held {
		p.held[name] = epoch
	}
	p.tell()
}

func (p *pc) losses() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lost
}

// kept reports whether the bucket has exactly the claims of p.
func (p *pc) kept() bool {
	list := p.inBucket()
	p.mu.Lock()
	defer p.mu.Unlock()
	for name, epoch := range p.held {
		if c := list[name]; c == nil || c.Epoch != epoch || c.Node != p.o.Node {
			return false
		}
	}
	return len(list) == len(p.held)
}

func (p *pc) inBucket() map[string]*Claim {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	kv := p.bucket(ctx)
	if kv == nil {
		return nil
	}
	w, err := kv.WatchAll(ctx)
	if err != nil {
		return nil
	}
	defer func() { _ = w.Stop() }()
	list := map[string]*Claim{}
	for {
		select {
		case e := <-w.Updates():
			if e == nil {
				return list
			}
			if c, err := parseClaim(e.Value()); err == nil {
				list[c.Endpoint] = c
			}
		case <-ctx.Done():
			return nil
		}
	}
}

func (p *pc) bucket(ctx context.Context) jetstream.KeyValue {
	l, err := p.store.Link(ctx)
	if err != nil {
		return nil
	}
	kv, err := l.JS.KeyValue(ctx, store.Claims("line-3"))
	if err != nil {
		return nil
	}
	return kv
}

func await(t *testing.T, what string, is func() bool) time.Duration {
	t.Helper()
	began := time.Now()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for ; !is(); <-tick.C {
		if time.Since(began) > 4*time.Minute {
			t.Fatalf("it never came: %s", what)
		}
	}
	return time.Since(began).Round(time.Millisecond)
}

// TestHands has 500 endpoints be claimed, and change hands to another member that knows of it only by the bucket: the first one stops
// reading each.
func TestHands(t *testing.T) {
	servers := natsd.Cluster(t, 3)
	a := start(t, "pc-a", 500, servers...)
	a.take(1)
	t.Log("500 are kept after", await(t, "all are kept", a.kept))
	b := start(t, "pc-bb", 500, servers...)
	b.take(1)
	t.Log("500 have changed hands after", await(t, "all have changed hands", func() bool { return a.losses() == 500 && b.kept() }))
	await(t, "nothing is wrong", func() bool { return a.Why() == "" && b.Why() == "" && b.kept() })
}

// TestLeaderDies has claims be kept again after the leader of the bucket was killed, and after one is frozen.
func TestLeaderDies(t *testing.T) {
	servers := natsd.Cluster(t, 3)
	a := start(t, "pc-a", 20, servers...)
	a.take(1)
	await(t, "all are kept", a.kept)
	leader := func() *natsd.Server {
		name := ""
		await(t, "there is a leader", func() bool {
			l := a.store.Current()
			if l == nil {
				return false
			}
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			s, err := l.JS.Stream(ctx, "KV_"+store.Claims("line-3"))
			if err == nil && s.CachedInfo().Cluster != nil {
				name = s.CachedInfo().Cluster.Leader
			}
			return name != ""
		})
		for i, s := range servers {
			if fmt.Sprint("n", i) == name {
				return s
			}
		}
		t.Fatalf("no server is %q", name)
		return nil
	}
	dead := leader()
	dead.Kill()
	a.take(2)
	t.Log("kept after the leader was killed:", await(t, "kept again", a.kept))
	dead.Start(t)
	frozen := leader()
	if err := frozen.Freeze(); err != nil {
		t.Fatal(err)
	}
	a.take(3)
	t.Log("kept after the leader was frozen:", await(t, "kept again", a.kept))
	if err := frozen.Thaw(); err != nil {
		t.Fatal(err)
	}
	await(t, "nothing is wrong", func() bool { return a.Why() == "" && a.kept() })
	if n := a.losses(); n > 0 {
		t.Errorf("%d are not read any more", n)
	}
}

// TestOldBackup has a server come back with what it had stored before: the claims of now are in it again, and nothing stops.
func TestOldBackup(t *testing.T) {
	server := natsd.New(t, "")
	a := start(t, "pc-a", 5, server)
	a.take(1)
	await(t, "all are kept", a.kept)
	server.Stop()
	stored := filepath.Join(server.Files(), "jetstream")
	backup := filepath.Join(t.TempDir(), "backup")
	if err := os.CopyFS(backup, os.DirFS(stored)); err != nil {
		t.Fatal(err)
	}
	server.Start(t)
	for epoch := range uint64(5) {
		a.take(epoch + 2)
		await(t, "all are kept", a.kept)
	}
	server.Stop()
	if err := os.RemoveAll(stored); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(stored, os.DirFS(backup)); err != nil {
		t.Fatal(err)
	}
	server.Start(t)
	t.Log("kept after a backup came back:", await(t, "all are kept again", a.kept))
	if n := a.losses(); n > 0 {
		t.Errorf("%d are not read any more", n)
	}
}

// TestDamage has the bucket be purged, removed, filled with garbage and with keys of others: the claims are in it again.
func TestDamage(t *testing.T) {
	server := natsd.New(t, "")
	a := start(t, "pc-a", 5, server)
	a.take(1)
	await(t, "all are kept", a.kept)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	kv := a.bucket(ctx)
	for _, value := range []string{"", "x", `{"v":1,"epoch":18446744073709551615}`, strings.Repeat("x", maxValue)} {
		if _, err := kv.Put(ctx, Key(endpoint(1)), []byte(value)); err != nil {
			t.Fatal(err)
		}
		if _, err := kv.Put(ctx, "somebody.else", []byte(value)); err != nil {
			t.Fatal(err)
		}
		await(t, "garbage was replaced", a.kept)
	}
	if err := kv.Delete(ctx, Key(endpoint(2))); err != nil {
		t.Fatal(err)
	}
	if err := kv.Purge(ctx, Key(endpoint(3))); err != nil {
		t.Fatal(err)
	}
	await(t, "what was deleted is there", a.kept)
	l := a.store.Current()
	s, err := l.JS.Stream(ctx, "KV_"+store.Claims("line-3"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Purge(ctx); err != nil {
		t.Fatal(err)
	}
	t.Log("kept after a purge:", await(t, "what was purged is there", a.kept))
	if err := l.JS.DeleteStream(ctx, "KV_"+store.Claims("line-3")); err != nil {
		t.Fatal(err)
	}
	t.Log("kept after the bucket was removed:", await(t, "what was removed is there", a.kept))
	if n := a.losses(); n > 0 {
		t.Errorf("%d are not read any more", n)
	}
}
