package cluster

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"tagbridge/cmd/tagbridge/cluster/place"
	"tagbridge/testrig/natsd"
)

func TestMain(m *testing.M) {
	natsd.Child()
	os.Exit(m.Run())
}

// pc is a member, and what would read its devices.
type pc struct {
	*Cluster
	name   string
	cancel context.CancelFunc
	done   chan struct{}
	block  sync.Mutex // while it is locked, the member's goroutine stops in the next Held
}

// plant are endpoints, and who reads them.
type plant struct {
	t       testing.TB
	o       Options
	mu      sync.Mutex
	readers map[string]map[string]bool // of an endpoint
	ceased  map[string]int             // how many times one was left
	log     *slog.Logger
}

func newPlant(t testing.TB, endpoints int, servers ...*natsd.Server) *plant {
	p := &plant{t: t, readers: map[string]map[string]bool{}, ceased: map[string]int{}, log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	p.o = Options{Bridge: "line 3", Takeover: time.Second, Version: "test"}
	for i := range endpoints {
		p.o.Endpoints = append(p.o.Endpoints, place.Endpoint{Key: fmt.Sprintf("tcp://10.0.0.%d:502", i)})
	}
	for _, s := range servers {
		p.o.URLs = append(p.o.URLs, "nats://"+s.Address)
	}
	return p
}

// start starts a member of that name; change changes its options.
func (p *plant) start(name string, change func(*Options)) *pc {
	p.t.Helper()
	o := p.o
	o.Node, o.Log = name, p.log.With("node", name)
	m := &pc{name: name, done: make(chan struct{})}
	o.Held = func(list []Change) { p.held(m, list) }
	if change != nil {
		change(&o)
	}
	var err error
	if m.Cluster, err = New(o); err != nil {
		p.t.Fatal(err)
	}
	var ctx context.Context
	ctx, m.cancel = context.WithCancel(context.Background())
	go func() {
		defer close(m.done)
		m.Run(ctx)
	}()
	p.t.Cleanup(m.stop)
	return m
}

func (m *pc) stop() {
	m.cancel()
	<-m.done
}

func (p *plant) held(m *pc, list []Change) {
	m.block.Lock()
	defer m.block.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range list {
		of := p.readers[c.Key]
		if of == nil {
			of = map[string]bool{}
			p.readers[c.Key] = of
		}
		if c.Held {
			of[m.name] = true
			continue
		}
		delete(of, m.name)
		p.ceased[c.Key]++
		go m.Stopped(c.Key, c.Take)
	}
}

// count is how many endpoints each of list reads, by what may be read now.
func (p *plant) count(list ...*pc) (counts []int, none, twice int) {
	counts = make([]int, len(list))
	for _, e := range p.o.Endpoints {
		n := 0
		for i, m := range list {
			if m.Reads(e.Key) {
				counts[i]++
				n++
			}
		}
		switch {
		case n == 0:
			none++
		case n > 1:
			twice++
		}
	}
	return counts, none, twice
}

// await waits until what is so.
func await(t testing.TB, what string, is func() bool) time.Duration {
	t.Helper()
	began := time.Now()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		if time.Since(began) > 3*time.Minute {
			t.Fatalf("it never came: %s", what)
		}
		<-tick.C
	}
	return time.Since(began)
}

// shared waits until each endpoint is read by one of list, and each of those has its share.
func (p *plant) shared(what string, list ...*pc) time.Duration {
	p.t.Helper()
	most := float64(len(p.o.Endpoints))/float64(len(list))*1.1 + 1
	return await(p.t, what, func() bool {
		counts, none, twice := p.count(list...)
		for _, n := range counts {
			if float64(n) > most || n == 0 {
				return false
			}
		}
		return none == 0 && twice == 0
	})
}
