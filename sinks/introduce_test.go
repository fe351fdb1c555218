package sinks

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

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

// TestWhatCannotBeIntroducedIsLeftOut leaves out one of the values: that is no sample of the log, and not counted as one.
func TestWhatCannotBeIntroducedIsLeftOut(t *testing.T) {
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
		if s := f.Stats(); s.Present != 2 || s.Rejected != 0 || s.Delivered != 3 || len(sink.times) != 1 {
			t.Errorf("%d introductions, %+v", len(sink.times), s)
		}
	})
}
