package journal

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// present is the value that stands for all present ones.
const present = 1 << 30

// modelSink is a sink of the model with its forwarder, which is replaced again and again.
type modelSink struct {
	m       *model
	name    string
	r       *rand.Rand
	down    atomic.Bool
	f       *sinks.Forwarder
	end     func()
	before  *sinks.Stats
	account int64 // delivered, rejected, dropped and waiting, less what was appended, as it was when it was started
	got     map[int64]bool
	last    int64 // value that the present forwarder delivered last
	owed    int   // present values that it got

	dropped, rejected uint64 // in the lives before
}

// Send takes what it is given, a part of it, or nothing, and refuses some values.
func (s *modelSink) Send(ctx context.Context, v *sinks.View) (int, error) {
	if s.r.IntN(4) == 0 {
		time.Sleep(time.Duration(s.r.IntN(3000)) * time.Millisecond)
	}
	if s.down.Load() || ctx.Err() != nil {
		return 0, syscall.ECONNREFUSED
	}
	most := v.Len()
	if s.r.IntN(3) == 0 {
		most = s.r.IntN(most + 1)
	}
	n := 0
	for i := range v.Batches {
		for _, x := range v.Batches[i].Samples {
			value := int64(x.Bits)
			switch {
			case n == most:
				return n, errors.New("cut off")
			case value == present:
				s.owed++
			case value%97 == 13:
				return n, &sinks.Fault{Action: sinks.Refuse, Refused: 1, Sure: true, Err: errors.New("unlucky")}
			case value <= s.last:
				s.m.t.Errorf("sink %s got %d after %d", s.name, value, s.last)
			default:
				s.last, s.got[value] = value, true
			}
			n++
		}
	}
	return n, nil
}

func (s *modelSink) Close() error { return nil }

// model is the life of a journal with its sinks: faults of the disk, kills, losses of power, reloads, outages. It
// holds what must be true after each step.
type model struct {
	t      *testing.T
	r      *rand.Rand
	d      *memFolder
	j      *Journal
	o      Options
	size   int64 // of a segment
	groups []*mapping.Group
	all    []*modelSink
	truth  map[sinks.Pos]int64 // what was appended
	value  int
	faulty bool
	vague  bool // see checkEver
	endRun func()
	reject string
}

func newModel(t *testing.T, seed uint64, dir string) *model {
	m := &model{
		t: t, r: rand.New(rand.NewPCG(seed, 7)), d: newMemFolder(), reject: dir, truth: make(map[sinks.Pos]int64),
		groups: []*mapping.Group{countGroup("a", 3), countGroup("b", 40), countGroup("c", 1), countGroup("d", 200)},
	}
	m.o = Options{Sync: time.Second, Tail: chunkSize / 2, MaxSize: 8000 + int64(m.r.IntN(30_000))}
	m.size = 500 + int64(m.r.IntN(4000))
	if seed%2 == 1 { // with what is delivered kept for a while
		m.o.Keep, m.o.KeepSize = time.Duration(1+m.r.IntN(60))*time.Second, int64(m.r.IntN(30_000))
	}
	for i, name := range []string{"keen", "lazy", "other"} {
		s := &modelSink{m: m, name: name, r: rand.New(rand.NewPCG(seed, uint64(i))), got: make(map[int64]bool)}
		m.all = append(m.all, s)
	}
	return m
}

// open opens the journal and starts all sinks. What the disk does to it then must not cost anything: it does not open,
// and does so later.
func (m *model) open() {
	if m.r.IntN(2) == 0 {
		m.fault(1, "read", "open", "size", "names")
		j := newJournal(m.o)
		if err := (opening{j}).recover(m.d); err == nil {
			m.j = j
		}
	}
	m.fault(0)
	if m.j == nil {
		m.j = openOn(m.t, m.d, m.o)
	}
	m.j.files.segmentSize = m.size
	for p := range m.truth {
		if p >= m.j.tail.end {
			delete(m.truth, p)
		}
	}
	m.endRun = begin(func(ctx context.Context) { m.j.Run(ctx) })
	for _, s := range m.all {
		s.before = nil
		m.start(s)
		synctest.Wait()
		s.account = m.accountOf(s)
	}
}

// begin runs f until what it returns is called.
func begin(f func(context.Context)) (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(ctx)
	}()
	return func() {
		cancel()
		<-done
	}
}

// start gives s a new forwarder.
func (m *model) start(s *modelSink) {
	from, fresh := m.j.Start(s.name, "start")
	g := countGroup("present", 1)
	s.last = -1
	s.f = sinks.NewForwarder(sinks.ForwarderOptions{
		Name: s.name, Log: m.j, Sink: s, Start: from, Fresh: fresh, Batch: 50 + m.r.IntN(300), Before: s.before,
		Reject:  sinks.NewRejects(sinks.RejectsOptions{Dir: filepath.Join(m.reject, s.name), MaxSize: 1 << 20}),
		Settled: func() { m.j.Settle(s.name) },
		Present: func(yield func(*mapping.Batch)) { yield(batchOf(g, present)) },
	})
	f := s.f
	s.end = begin(func(ctx context.Context) {
		if err := f.Run(ctx); err != nil {
			m.t.Errorf("sink %s: %v", s.name, err)
		}
	})
}

// reload replaces the forwarder of s.
func (m *model) reload(s *modelSink) {
	s.end()
	stats := s.f.Stats()
	s.before = &stats
	m.start(s)
}

// accountOf is what is accounted for of s, less what was appended.
func (m *model) accountOf(s *modelSink) int64 {
	stat := statOf(m.t, m.j, s.name)
	sum := s.f.Stats().Delivered + s.f.Stats().Rejected + stat.Samples + droppedOf(m.t, m.j, s.name)
	return int64(sum) - int64(m.j.tail.end)
}

// checkEver sees that what is kept for ever of s accounts for every position since the sink is there.
func (m *model) checkEver(s *modelSink) {
	m.t.Helper()
	stat := statOf(m.t, m.j, s.name)
	e := stat.Ever
	sum := e.Delivered + e.Rejected + stat.Samples
	for _, lost := range e.Lost {
		sum += lost.Samples
	}
	if m.vague { // the disk failed, then the process or the power went: the books may lack something
		return
	}
	if sum != uint64(m.j.tail.end-e.Start) || e.Since.IsZero() {
		m.t.Fatalf("sink %s: %d are accounted for of %d: %+v, %d are waiting", s.name, sum, m.j.tail.end, e, stat.Samples)
	}
}

// stop ends the process, by a kill or with the power.
func (m *model) stop(kill bool) {
	m.fault(0)
	next := m.d.kill()
	m.vague = m.vague || m.faulty
	if !kill {
		next = m.d.cut(m.r)
		m.j.mu.Lock()
		synced := m.j.files.synced
		m.j.mu.Unlock()
		for p := range m.truth {
			if p >= synced { // it may be there or not
				delete(m.truth, p)
			}
		}
	}
	for _, s := range m.all {
		s.end()
		s.dropped += droppedOf(m.t, m.j, s.name)
		s.rejected += s.f.Stats().Rejected
	}
	m.endRun()
	m.d, m.j = next, nil
}

// fault fails one in so many of the operations, any or those named; 0: none.
func (m *model) fault(n int, ops ...string) {
	m.d.mu.Lock()
	defer m.d.mu.Unlock()
	m.d.fail = nil
	if n == 0 {
		return
	}
	r := rand.New(rand.NewPCG(m.r.Uint64(), 1))
	m.d.fail = func(op, name string) error {
		if r.IntN(n+1) > 0 || len(ops) > 0 && !contains(ops, op) {
			return nil
		}
		if op == "write" && filepath.Ext(name) == segmentSuffix && r.IntN(2) == 0 {
			return errHalf
		}
		if op != "read" && r.IntN(3) == 0 {
			return syscall.ENOSPC
		}
		return syscall.EIO
	}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func (m *model) step() {
	s := m.all[m.r.IntN(len(m.all))]
	switch n := m.r.IntN(100); {
	case n < 60:
		for range 1 + m.r.IntN(8) {
			m.append()
		}
	case n < 70:
		s.down.Store(!s.down.Load() && s.name != "keen" || s.name == "other")
	case n < 80:
		m.reload(s)
	case n < 88:
		m.faulty = !m.faulty
		if m.fault(0); m.faulty {
			m.fault(1 + m.r.IntN(4))
		}
	case n < 91:
		m.stop(m.r.IntN(2) == 0)
		m.faulty = false
		m.open()
	}
	time.Sleep(time.Duration(m.r.IntN(2500)) * time.Millisecond)
	synctest.Wait()
	m.check()
}

func (m *model) append() {
	g := m.groups[m.r.IntN(len(m.groups))]
	for i := range g.Series {
		m.truth[m.j.tail.end+sinks.Pos(i)] = int64(m.value + i)
	}
	appendCount(m.t, m.j, g, m.value)
	m.value += len(g.Series)
}

// check sees that every sample is accounted for.
func (m *model) check() {
	m.t.Helper()
	for _, s := range m.all {
		m.checkEver(s)
		if n := m.accountOf(s); n != s.account {
			m.t.Fatalf("sink %s: %d samples too many are accounted for: %+v, %+v, %+v", s.name, n-s.account, s.f.Stats(),
				statOf(m.t, m.j, s.name), m.j.cursors[s.name].losses)
		}
	}
}

// finish lets everything be well again, and sees that what is missing was counted.
func (m *model) finish() {
	m.fault(0)
	for _, s := range m.all {
		s.down.Store(false)
		m.reload(s)
	}
	time.Sleep(15 * time.Minute)
	synctest.Wait()
	m.check()
	for _, s := range m.all {
		stat := statOf(m.t, m.j, s.name)
		missing := uint64(0)
		for _, v := range m.truth {
			if !s.got[v] {
				missing++
			}
		}
		dropped := s.dropped + droppedOf(m.t, m.j, s.name)
		rejected := s.rejected + s.f.Stats().Rejected // those of tags that are set aside among them
		if stat.Samples != 0 || missing > dropped+rejected {
			m.t.Errorf("sink %s: %d are waiting, %d missing, %d counted as dropped, %d as rejected", s.name, stat.Samples, missing,
				dropped, rejected)
		}
		if c := m.j.cursors[s.name]; c.owes || s.owed == 0 {
			m.t.Errorf("sink %s: it is still owed the present values (%v), it got %d", s.name, c.owes, s.owed)
		}
		s.end()
	}
	m.endRun()
}

// TestEverySampleIsAccountedFor lives many lives: after each step what was delivered, rejected, dropped and is waiting
// adds up to what was appended, for each sink, over reloads, kills and losses of power, whatever the disk does.
func TestEverySampleIsAccountedFor(t *testing.T) {
	seeds := uint64(60) // make soak lives 4,000
	if n, err := strconv.ParseUint(os.Getenv("TAGBRIDGE_LIVES"), 10, 64); err == nil {
		seeds = n
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				m := newModel(t, seed, dir)
				m.open()
				for range 120 {
					m.step()
				}
				m.finish()
			})
		})
		if t.Failed() {
			return
		}
	}
}
