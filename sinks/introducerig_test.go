package sinks

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/mapping"
)

// livePlant is a plant of a few tags: what is read of it is in a table first, then in the log, as lanes do it. The value of
// a tag only grows.
type livePlant struct {
	mu    sync.Mutex
	group *mapping.Group
	last  []uint64 // by index; 0: never read
	log   *fakeLog
	n     uint64
}

func newLivePlant(log *fakeLog, tags int) *livePlant {
	return &livePlant{group: testGroup("a", tags), last: make([]uint64, tags), log: log}
}

// read reads one tag.
func (p *livePlant) read(tag int) {
	p.mu.Lock()
	p.n++
	value := p.n
	p.last[tag] = value
	p.mu.Unlock()
	p.log.append(&mapping.Batch{Group: p.group, Samples: []mapping.Sample{{Time: time.Now().UnixNano(), Index: uint16(tag), Kind: mapping.Int, Bits: value}}})
}

func (p *livePlant) present(yield func(*mapping.Batch)) { p.values(false, yield) }

func (p *livePlant) every(yield func(*mapping.Batch)) { p.values(true, yield) }

func (p *livePlant) values(unread bool, yield func(*mapping.Batch)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := mapping.Batch{Group: p.group}
	for i, value := range p.last {
		if value == 0 && unread {
			b.Samples = append(b.Samples, mapping.Sample{Index: uint16(i), Quality: mapping.BadWaitingForInitialData})
		}
		if value > 0 {
			b.Samples = append(b.Samples, mapping.Sample{Time: time.Now().UnixNano(), Index: uint16(i), Kind: mapping.Int, Bits: value})
		}
	}
	yield(&b)
}

// pass lets that much time pass, and then everybody do what is due.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// reading is a sample as the other side has it.
type reading struct {
	tag   uint16
	value uint64
}

// births is a sink whose other side is to be told of everything at the start of every connection.
type births struct {
	t  *testing.T
	mu sync.Mutex

	tags            int // there are
	connected, born bool
	connects        int
	introductions   int
	last            [][]reading // of each introduction that was taken whole
	data            []reading   // in order
	newest          map[uint16]uint64

	ops   int               // so many things were published or tried
	fault func(op int) bool // the connection ends at that one
}

var errBroken = errors.New("broken pipe")

// step is one packet on the line; false: the connection has ended.
func (s *births) step() bool {
	s.ops++
	if s.fault != nil && s.fault(s.ops) {
		s.connected, s.born = false, false
		return false
	}
	return true
}

func (s *births) Send(_ context.Context, v *View) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.connected {
		if !s.step() {
			return 0, errDown
		}
		s.connected = true
		s.connects++
		if !v.Introduces() {
			return 0, &Fault{Action: Introduce, Err: errors.New("births are due")}
		}
	}
	switch {
	case v.Introduces() && s.born:
		s.t.Error("introduced twice on one connection")
	case !v.Introduces() && !s.born:
		s.t.Error("data before the introduction")
	}
	var list []reading
	for i := range v.Batches {
		for _, sample := range v.Batches[i].Samples {
			if !s.step() {
				return len(list), errBroken
			}
			r := reading{sample.Index, sample.Bits}
			list = append(list, r)
			if !v.Introduces() {
				s.data = append(s.data, r)
			}
		}
	}
	if v.Introduces() {
		s.introduced(list)
	}
	for _, r := range list {
		s.newest[r.tag] = max(s.newest[r.tag], r.value)
	}
	return len(list), nil
}

// introduced takes note of an introduction that is whole.
func (s *births) introduced(list []reading) {
	s.born = true
	s.introductions++
	s.last = append(s.last, list)
	seen := map[uint16]bool{}
	for _, r := range list {
		if seen[r.tag] {
			s.t.Errorf("tag %d is in the introduction twice", r.tag)
		}
		seen[r.tag] = true
		if r.value < s.newest[r.tag] {
			s.t.Errorf("tag %d is introduced as %d, after %d was sent", r.tag, r.value, s.newest[r.tag])
		}
	}
	if len(seen) != s.tags {
		s.t.Errorf("%d of %d tags are in the introduction", len(seen), s.tags)
	}
}

func (s *births) Close() error { return nil }

// introduced is a plant, a log and such a sink; forwarders come and go.
type introduced struct {
	t       *testing.T
	log     *fakeLog
	plant   *livePlant
	sink    *births
	settled int
	cancel  context.CancelFunc
	done    chan error
	f       *Forwarder
}

func newIntroduced(t *testing.T, tags int) *introduced {
	log := newFakeLog()
	return &introduced{t: t, log: log, plant: newLivePlant(log, tags), sink: &births{t: t, tags: tags, newest: map[uint16]uint64{}}}
}

// start runs a forwarder from where the log was acknowledged.
func (i *introduced) start() {
	i.f = NewForwarder(ForwarderOptions{
		Name: "s", Log: i.log, Sink: i.sink, Batch: 5, Flush: 10 * time.Millisecond, Start: i.log.acked(), Fresh: i.settled == 0,
		Present: i.plant.present, Every: i.plant.every, Settled: func() { i.settled++ },
	})
	var ctx context.Context
	ctx, i.cancel = context.WithCancel(context.Background())
	i.done = make(chan error, 1)
	go func() { i.done <- i.f.Run(ctx) }()
}

// kill ends the forwarder at once, and its connection.
func (i *introduced) kill() {
	i.cancel()
	if err := <-i.done; err != nil {
		i.t.Error(err)
	}
	i.sink.mu.Lock()
	i.sink.connected, i.sink.born = false, false
	i.sink.mu.Unlock()
}

// check wants all that was read to have arrived, in order, some of it more than once after a connection ended.
func (i *introduced) check() {
	i.t.Helper()
	at := uint64(0) // the values are 1, 2, 3, …
	for _, r := range i.sink.data {
		if r.value > at+1 {
			i.t.Errorf("%d comes after %d", r.value, at)
		}
		at = max(at, r.value)
	}
	if at != i.plant.n {
		i.t.Errorf("%d of %d samples arrived", at, i.plant.n)
	}
	if i.settled != 1 {
		i.t.Errorf("the present values were settled %d times", i.settled)
	}
}
