package web

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestSharedIsMadeOnceForAll: however many ask, one makes it. Those who have nothing yet wait, the others have what was there.
func TestSharedIsMadeOnceForAll(t *testing.T) {
	var s shared[int64]
	var times atomic.Int64
	making, gate := make(chan bool), make(chan bool)
	slow := func() *int64 {
		n := times.Add(1)
		making <- true
		<-gate
		return &n
	}
	var seen [3]atomic.Int64
	var wg sync.WaitGroup
	ask := func() { seen[*s.of(slow)].Add(1) }
	for range 20 {
		wg.Go(ask)
	}
	<-making
	gate <- true
	wg.Wait()
	if seen[1].Load() != 20 {
		t.Errorf("%d of 20 have what the first made", seen[1].Load())
	}
	s.last.Load().at = time.Now().Add(-time.Minute)
	wg.Go(ask)
	<-making
	for range 20 {
		ask() // which must not wait
	}
	gate <- true
	wg.Wait()
	if seen[1].Load() != 40 || seen[2].Load() != 1 {
		t.Errorf("while one made it anew, %d had the one before", seen[1].Load()-20)
	}
}

// TestSharedIsMadeOnceASecond: also by one who asks without an end.
func TestSharedIsMadeOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s shared[int]
		times := 0
		fresh := func() *int { times++; n := times; return &n }
		for range 100 {
			s.of(fresh)
			time.Sleep(100 * time.Millisecond) // of the bubble
		}
		if times < 10 || times > 12 {
			t.Errorf("in ten seconds it was made %d times", times)
		}
		time.Sleep(time.Second)
		if got := *s.of(fresh); got != times {
			t.Errorf("number %d is answered after a second, %d were made", got, times)
		}
	})
}
