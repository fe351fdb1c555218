package events

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// storm is what is left of events that are added by f.
func storm(t *testing.T, f func(s *Store)) (list []Event) {
	dir := t.TempDir()
	s := Open(Options{Dir: dir})
	s.pieces.open = nil
	f(s)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.storms.over(time.Now(), true) {
		s.put(e)
	}
	return s.queue
}

func TestStormIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := time.Now()
		list := storm(t, func(s *Store) {
			for i := range 10_000 {
				s.Add(Event{Kind: TagBad, Device: "plc", Tag: fmt.Sprint("t", i)})
				time.Sleep(time.Millisecond)
			}
			s.Add(Event{Kind: TagBad, Device: "other", Tag: "t"})
			s.Add(Event{Kind: DeviceOffline, Device: "plc"})
		})
		if len(list) != mostOfOne+3 {
			t.Fatalf("%d lines", len(list))
		}
		sum := list[len(list)-1]
		if sum.More != 9990 || sum.Device != "plc" || sum.Kind != TagBad || !strings.HasPrefix(sum.Text, "and 9,990 more tag-bad of plc, the first at ") {
			t.Errorf("the rest is %+v", sum)
		}
		if !sum.First.Equal(first.Add(mostOfOne*time.Millisecond)) || !sum.Time.Equal(first.Add(9999*time.Millisecond)) {
			t.Errorf("the rest is from %v to %v", sum.First, sum.Time)
		}
	})
}

// A storm that goes on has a few lines each minute, and is over when it is.
func TestLongStorm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		s := Open(Options{Dir: dir})
		for range 3 {
			for range 100 {
				s.Add(Event{Kind: TagBad, Device: "plc", Tag: "t"})
			}
			time.Sleep(stormTime)
			s.writeSome(false)
		}
		s.Add(Event{Kind: TagBad, Device: "plc", Tag: "last"})
		s.writeSome(true)
		n, all := 0, 0
		if err := NewReader(dir).Next(Query{}, func(e *Event) bool {
			n++
			all += max(e.More, 1)
			return true
		}); err != nil || n != 3*(mostOfOne+1)+1 || all != 301 {
			t.Errorf("%d lines about %d events, %v", n, all, err)
		}
		s.pieces.close()
	})
}

func TestManyDevicesEachHaveALine(t *testing.T) {
	list := storm(t, func(s *Store) {
		for i := range mostOfAKind + 100 {
			s.Add(Event{Kind: DeviceOffline, Device: fmt.Sprint("d", i)})
		}
		s.Add(Event{Kind: Stop})
	})
	if n := len(list); n != mostQueued || list[n-2].Kind != Stop || list[n-1].More != 100 || list[n-1].Device != "" {
		t.Errorf("%d lines, the last %+v", len(list), list[len(list)-2:])
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 234800: "234,800", 1234567: "1,234,567"} {
		if got := thousands(n); got != want {
			t.Errorf("thousands(%d) = %s", n, got)
		}
	}
}
