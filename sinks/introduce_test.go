package sinks

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
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

// TestEveryConnectionIsIntroduced ends the connection at every packet, once or twice, and kills the process there.
func TestEveryConnectionIsIntroduced(t *testing.T) {
	const tags, polls = 3, 8
	for _, kind := range []string{"ends", "ends twice", "is killed"} {
		for op := 1; op < 50; op++ {
			t.Run(fmt.Sprint(kind, " at ", op), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					i := newIntroduced(t, tags)
					killed := make(chan struct{}, 1)
					i.sink.fault = func(n int) bool {
						switch {
						case kind == "ends twice":
							return n == op || n == op+1
						case kind == "is killed" && n == op:
							killed <- struct{}{}
						}
						return n == op
					}
					i.plant.read(0)
					i.start()
					for range polls {
						for tag := range tags {
							i.plant.read(tag)
							time.Sleep(7 * time.Millisecond)
						}
						select {
						case <-killed:
							i.kill()
							i.start()
						default:
						}
					}
					pass(time.Minute)
					i.kill()
					i.check()
					if i.sink.introductions == 0 || i.sink.introductions > i.sink.connects {
						t.Errorf("%d connections, %d introductions", i.sink.connects, i.sink.introductions)
					}
				})
			})
		}
	}
}

// TestIntroductionsInAStorm has connections end at random, and the process be killed, while the plant is read on.
func TestIntroductionsInAStorm(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rnd := rand.New(rand.NewPCG(seed, 1))
				faults := rand.New(rand.NewPCG(seed, 2))
				i := newIntroduced(t, 1+rnd.IntN(20))
				storm := true
				i.sink.fault = func(int) bool { return storm && faults.IntN(25) == 0 }
				i.start()
				for range 300 {
					for range rnd.IntN(5) {
						i.plant.read(rnd.IntN(len(i.plant.last)))
					}
					time.Sleep(time.Duration(rnd.IntN(2000)) * time.Millisecond)
					if rnd.IntN(50) == 0 {
						i.kill()
						i.start()
					}
				}
				i.sink.mu.Lock()
				storm = false
				i.sink.mu.Unlock()
				pass(10 * time.Minute)
				i.kill()
				i.check()
				if i.sink.introductions < 2 {
					t.Errorf("%d introductions: it was no storm", i.sink.introductions)
				}
			})
		})
	}
}

// TestIntroductionSettlesWhatIsOwed gives a new sink that asks the present values once, not once more as samples.
func TestIntroductionSettlesWhatIsOwed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIntroduced(t, 3)
		for tag := range 3 {
			i.plant.read(tag)
		}
		i.log.acks = append(i.log.acks, 3) // it begins now
		i.start()
		pass(time.Minute)
		if len(i.sink.data) > 0 || i.sink.introductions != 1 || i.settled != 1 || i.f.Stats().Present != 3 {
			t.Errorf("%d introductions, then %v; settled %d times, %+v", i.sink.introductions, i.sink.data, i.settled, i.f.Stats())
		}
		// One that has lost samples, and is connected, gets them as samples.
		i.log.mu.Lock()
		i.log.gone = 5
		i.log.mu.Unlock()
		for tag := range 3 {
			i.plant.read(tag)
		}
		pass(time.Minute)
		want := []reading{{0, 4}, {1, 5}, {2, 6}, {2, 6}}
		if !slices.Equal(i.sink.data, want) || i.sink.introductions != 1 || i.settled != 2 {
			t.Errorf("%d introductions, then %v, want %v; settled %d times", i.sink.introductions, i.sink.data, want, i.settled)
		}
		i.kill()
	})
}

// TestIntroductionIsOfNow comes after an hour without the other side: it is what the plant is like then.
func TestIntroductionIsOfNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIntroduced(t, 2)
		down := true
		i.sink.fault = func(int) bool { return down }
		i.plant.read(0)
		i.start()
		pass(time.Hour)
		i.plant.read(1)
		i.plant.read(0)
		i.sink.mu.Lock()
		down = false
		i.sink.mu.Unlock()
		pass(time.Minute)
		if want := []reading{{0, 3}, {1, 2}}; i.sink.introductions != 1 || !slices.Equal(i.sink.last[0], want) {
			t.Errorf("introduced to %v, want %v", i.sink.last, want)
		}
		i.kill()
		i.check()
	})
}

// asking is a sink that asks whatever it is sent, or takes no introduction.
type asking struct {
	answer func(v *View) (int, error)
	times  []time.Time
	sizes  []int
}

func (s *asking) Send(_ context.Context, v *View) (int, error) {
	if v.Introduces() {
		s.times, s.sizes = append(s.times, time.Now()), append(s.sizes, v.Len())
	}
	return s.answer(v)
}

func (s *asking) Close() error { return nil }

func TestASinkThatAsksForEverIsNotServedWithoutAPause(t *testing.T) {
	ask := &Fault{Action: Introduce, Err: errors.New("births are due")}
	for name, answer := range map[string]func(v *View) (int, error){
		"it asks again at once": func(v *View) (int, error) {
			if v.Introduces() {
				return v.Len(), nil
			}
			return 0, ask
		},
		"it asks when it is introduced": func(*View) (int, error) { return 0, ask },
		"it refuses to be introduced": func(v *View) (int, error) {
			if v.Introduces() {
				return 0, &Fault{Action: Refuse, Refused: 1, Sure: true, Err: errors.New("will not take it")}
			}
			return 0, ask
		},
		"it takes a part": func(v *View) (int, error) {
			if v.Introduces() {
				return 1, nil
			}
			return 0, ask
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log, sink := newFakeLog(), &asking{answer: answer}
				plant := newLivePlant(log, 3)
				for tag := range 3 {
					plant.read(tag)
				}
				f := NewForwarder(ForwarderOptions{Name: "s", Log: log, Sink: sink, Present: plant.present})
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan error, 1)
				go func() { done <- f.Run(ctx) }()
				pass(10 * time.Minute)
				cancel()
				if err := <-done; err != nil {
					t.Error(err)
				}
				if n := len(sink.times); n < 10 || n > 60 {
					t.Errorf("it was introduced %d times in ten minutes", n)
				}
				if s := f.Stats(); s.Connected || s.Error == "" || s.Rejected > 0 || s.Delivered > 0 {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}

// TestAViewIntroducesUntilItIsReset keeps what is sent afterwards in the same memory from being taken for births.
func TestAViewIntroducesUntilItIsReset(t *testing.T) {
	v := Introduction()
	v.Append(intBatch(testGroup("a", 3), 0, 3), nil)
	if !v.Introduces() || v.Len() != 3 {
		t.Errorf("introduces: %v, %d samples", v.Introduces(), v.Len())
	}
	if v.Reset(); v.Introduces() || new(View).Introduces() {
		t.Error("an empty view introduces")
	}
}

func TestIntroductionToNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newFakeLog()
		var taken int
		sink := &asking{}
		sink.answer = func(v *View) (int, error) {
			if len(sink.times) == 0 {
				return 0, &Fault{Action: Introduce, Err: errors.New("births are due")}
			}
			taken += v.Len()
			return v.Len(), nil
		}
		wide(log, 5)
		f := NewForwarder(ForwarderOptions{Name: "s", Log: log, Sink: sink})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- f.Run(ctx) }()
		pass(time.Minute)
		cancel()
		<-done
		if !slices.Equal(sink.sizes, []int{0}) || taken != 5 {
			t.Errorf("introductions of %v samples, then %d", sink.sizes, taken)
		}
	})
}

// TestWhatCannotBeIntroducedIsRejected leaves out one of the values.
func TestWhatCannotBeIntroducedIsRejected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIntroduced(t, 3)
		sink := &asking{}
		sink.answer = func(v *View) (int, error) {
			switch {
			case v.Introduces():
				return v.Len(), &Unfit{Places: []int{1}, Err: errors.New("has no name there")}
			case len(sink.times) == 0:
				return 0, &Fault{Action: Introduce, Err: errors.New("births are due")}
			}
			return v.Len(), nil
		}
		for tag := range 3 {
			i.plant.read(tag)
		}
		f := NewForwarder(ForwarderOptions{Name: "s", Log: i.log, Sink: sink, Present: i.plant.present})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- f.Run(ctx) }()
		pass(time.Minute)
		cancel()
		<-done
		if s := f.Stats(); s.Present != 2 || s.Rejected != 1 || s.Delivered != 3 || len(sink.times) != 1 {
			t.Errorf("%d introductions, %+v", len(sink.times), s)
		}
	})
}
