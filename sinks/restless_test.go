package sinks

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// uneasy is a sink that connects when it is tended, and is introduced then.
type uneasy struct {
	mu            sync.Mutex
	wants         chan struct{}
	fail          int // so many calls of Tend fail
	tended        int
	introductions int
	connected     bool
	taken         int
}

func (u *uneasy) Wants() <-chan struct{} { return u.wants }

func (u *uneasy) Tend(context.Context) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.tended++; u.fail > 0 {
		u.fail--
		return errors.New("out of reach")
	}
	if !u.connected {
		return &Fault{Action: Introduce, Err: errors.New("connected")}
	}
	return nil
}

func (u *uneasy) Send(_ context.Context, v *View) (int, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case v.Introduces():
		u.introductions++
		u.connected = true
	case !u.connected:
		return 0, &Fault{Action: Introduce, Err: errors.New("connected")}
	default:
		u.taken += v.Len()
	}
	return v.Len(), nil
}

func (u *uneasy) Close() error { return nil }

// want has it be tended, after its connection has ended if that is lost.
func (u *uneasy) want(lost bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.connected = u.connected && !lost
	u.wants <- struct{}{}
}

func (u *uneasy) counts() [3]int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return [3]int{u.tended, u.introductions, u.taken}
}

// TestRestlessSinks has a sink be tended at the start, when its connection has ended, and again after pauses while that fails,
// although there is nothing to deliver; and what is to be delivered arrives meanwhile.
func TestRestlessSinks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := &uneasy{wants: make(chan struct{}, 1), fail: 2}
		log := newFakeLog()
		plant := newLivePlant(log, 2)
		f := NewForwarder(ForwarderOptions{Name: "test", Log: log, Sink: u, Present: plant.present, Every: plant.every})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- f.Run(ctx) }()
		pass(time.Minute)
		if got := u.counts(); got != [3]int{} {
			t.Errorf("at rest %v", got)
		}
		u.want(false)
		pass(time.Minute)
		if got := u.counts(); got != [3]int{3, 1, 0} || !f.Stats().Connected {
			t.Errorf("tended, introduced, taken %v, connected %v", got, f.Stats().Connected)
		}
		u.want(true)
		pass(time.Second)
		plant.read(0)
		pass(time.Minute)
		if got := u.counts(); got != [3]int{4, 2, 1} || log.acked() != 1 {
			t.Errorf("after its connection had ended %v, acknowledged %d", got, log.acked())
		}
		u.mu.Lock()
		u.fail = 1000
		u.mu.Unlock()
		u.want(true)
		pass(time.Minute)
		if f.Stats().Connected {
			t.Error("connected, while it fails")
		}
		if err := f.Drain(ctx); err != nil { // it has nothing to deliver
			t.Error(err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
		cancel()
	})
}
