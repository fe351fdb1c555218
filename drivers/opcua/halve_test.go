package opcua

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping"
)

// numbered are tags of n nodes of the script, from 1.
func numbered(n int) (list []*mapping.Tag) {
	for i := 1; i <= n; i++ {
		list = append(list, tag(fmt.Sprintf("ns=2;i=%d", i)))
	}
	return list
}

// read makes rounds until all tags but those of bad have their values, over connections that are made anew, and returns
// the last.
func readAround(t *testing.T, l *Link, list []*mapping.Tag, o PlanOptions, bad ...string) map[string]string {
	t.Helper()
	j := jobOf(list, o)
	var b mapping.Batch
	got := map[string]string{}
	isBad := map[string]bool{}
	for _, name := range bad {
		isBad[name] = true
	}
	for range 30 {
		if l.s == nil {
			open(t, l)
		}
		if err := round1(t.Context(), l, j, &b); err != nil {
			if l.silent == 0 {
				l.Close()
			}
			continue
		}
		got = shown(j, &b)
		done := len(got) == len(list)
		for name, v := range got {
			done = done && isBad[name] == (v[0] == 'B')
		}
		if done {
			return got
		}
	}
	t.Fatalf("not all is read after 30 rounds: %v", got)
	return nil
}

// TestOneNodeCostsItselfOnly has one node among a thousand be fatal to each request that it is in.
func TestOneNodeCostsItselfOnly(t *testing.T) {
	for name, v := range map[string]verdict{
		"too large":     {status: wire.BadResponseTooLarge},
		"out of memory": {status: 0x80030000},
		"internal":      {status: 0x80020000},
		"hang-up":       {hangUp: true},
		"silence":       {silent: true},
	} {
		for mode, o := range map[string]PlanOptions{"poll": {}, "subscribe": {Subscribe: true}} {
			t.Run(name+" "+mode, func(t *testing.T) {
				s := newScript(t)
				s.fault = func(q *request) verdict {
					if q.has(700) && q.service != svcMonitor {
						return v
					}
					if q.service == svcMonitor {
						return verdict{status: wire.BadTooManyMonitoredItems}
					}
					return verdict{}
				}
				s.start()
				l := s.link(LinkOptions{Watchdog: time.Second, Retries: 100})
				l.o.Session.Timeout = 50 * time.Millisecond
				list := numbered(1000)
				got := readAround(t, l, list, o, "ns=2;i=700")
				if got["ns=2;i=701"] != "701.0" {
					t.Errorf("a neighbour is %s", got["ns=2;i=701"])
				}
				if n := s.connections(); n > 8 {
					t.Errorf("%d connections to find it", n)
				}
			})
		}
	}
}

// TestGivenUpNodeIsTriedWithGrowingPauses counts how often a node is asked for that breaks the connection each time.
func TestGivenUpNodeIsTriedWithGrowingPauses(t *testing.T) {
	var b blame
	now := time.Unix(1e9, 0)
	var pauses []time.Duration
	for range 8 {
		tr := b.refused(svcRead, "n", wire.BadResponseTooLarge, now)
		pauses = append(pauses, tr.until.Sub(now))
		now = tr.until
	}
	for i, want := range []time.Duration{30, 60, 120, 240, 480, 600, 600, 600} {
		if pauses[i] != want*time.Second {
			t.Errorf("pauses %v, want 30 s and then twice as long up to 10 m", pauses)
			break
		}
	}
}

// TestServerThatTakesOneThingAtOnce has a limit of one for every service.
func TestServerThatTakesOneThingAtOnce(t *testing.T) {
	for _, most := range []int{1, 2, 3, 5} {
		for mode, o := range map[string]PlanOptions{"poll": {}, "subscribe": {Subscribe: true}} {
			t.Run(fmt.Sprint(most, " ", mode), func(t *testing.T) {
				s := newScript(t)
				s.fault = func(q *request) verdict {
					if len(q.nodes) > most {
						return verdict{status: wire.BadTooManyOperations}
					}
					return verdict{}
				}
				s.start()
				l := s.link(LinkOptions{})
				list := numbered(30)
				list = append(list, tag("/Objects/2:Line/2:31"), tag("/Objects/2:Line/2:32"), tag("nsu=urn:two;i=33"))
				got := readAround(t, l, list, o)
				if got["/Objects/2:Line/2:32"] != "32.0" || got["ns=2;i=30"] != "30.0" {
					t.Errorf("read %v", got)
				}
			})
		}
	}
}

// TestServerWithALimitOfBytes takes messages of 8 KiB.
func TestServerWithALimitOfBytes(t *testing.T) {
	s := newScript(t)
	s.message = 8192
	s.start()
	l := s.link(LinkOptions{})
	got := readAround(t, l, numbered(1000), PlanOptions{})
	if got["ns=2;i=1000"] != "1000.0" {
		t.Errorf("read %v", got["ns=2;i=1000"])
	}
	before := s.count(svcRead)
	if n := s.connections(); n != 1 {
		t.Errorf("%d connections", n)
	}
	if before > 30 {
		t.Errorf("%d requests for 1,000 nodes", before)
	}
}

// TestServerInTroubleIsNoFaultOfTags refuses everything for some rounds; the first after that reads everything at once.
func TestServerInTroubleIsNoFaultOfTags(t *testing.T) {
	s := newScript(t)
	trouble := make(chan bool, 1)
	trouble <- false
	s.fault = func(q *request) verdict {
		on := <-trouble
		trouble <- on
		if on && q.service == svcRead && len(q.nodes) > 0 && q.nodes[0] != 2258 {
			return verdict{status: 0x80030000}
		}
		return verdict{}
	}
	s.start()
	l := s.link(LinkOptions{})
	open(t, l)
	j := jobOf(numbered(50), PlanOptions{})
	readOnce(t, l, j)
	<-trouble
	trouble <- true
	for range 3 {
		if got := readOnce(t, l, j); len(got) != 50 || got["ns=2;i=7"] != "BadOutOfMemory" {
			t.Fatalf("in trouble: %v", got)
		}
	}
	<-trouble
	trouble <- false
	before := s.count(svcRead)
	if got := readOnce(t, l, j); got["ns=2;i=7"] != "7.0" {
		t.Errorf("after it: %v", got)
	}
	if n := s.count(svcRead) - before; n != 1 {
		t.Errorf("%d requests for 50 nodes after the trouble", n)
	}
}

// TestValueLargerThanAnAnswer has one value be larger than the answers that are taken, and the others not.
func TestValueLargerThanAnAnswer(t *testing.T) {
	huge := wire.AppendString([]byte{1, 12}, strings.Repeat("x", 17<<20))
	for mode, o := range map[string]PlanOptions{"poll": {}, "subscribe": {Subscribe: true}} {
		t.Run(mode, func(t *testing.T) {
			s := newScript(t)
			s.value = func(n wire.NodeID) []byte {
				if n.Space == 2 && n.Num == 7 {
					return huge
				}
				return nil
			}
			s.start()
			l := s.link(LinkOptions{})
			open(t, l)
			j := jobOf(numbered(20), o)
			got := readOnce(t, l, j)
			if len(got) != 20 || got["ns=2;i=7"] != "BadResponseTooLarge" || got["ns=2;i=8"] != "8.0" {
				t.Errorf("read %v", got)
			}
			if why := j.Work.Err(6); !strings.Contains(why, "answer of more than 16777216 bytes") {
				t.Errorf("the reason says %q, and not the size", why)
			}
			before := s.count(svcRead)
			readOnce(t, l, j)
			if n := s.count(svcRead) - before; n > 2 {
				t.Errorf("%d requests in the next round: what is too large is asked for again and again", n)
			}
		})
	}
}

// TestNotificationLargerThanAnAnswer has notifications be too large as long as they have more than two changes.
func TestNotificationLargerThanAnAnswer(t *testing.T) {
	s := newScript(t)
	s.fault = func(q *request) verdict {
		if q.service == svcPublish && s.count(svcSubscribe) < 3 {
			return verdict{status: wire.BadResponseTooLarge}
		}
		return verdict{}
	}
	s.start()
	l := s.link(LinkOptions{})
	a := newArrivals()
	j := jobOf(numbered(8), PlanOptions{Subscribe: true, Period: 50 * time.Millisecond})
	j.Period = 50 * time.Millisecond
	run(t, l, a, j)
	a.await(t, "the third subscription", func() bool { return s.count(svcSubscribe) == 3 && len(a.last) == 8 })
	s.latest().push(1, map[uint32][]byte{0: doubleAt(77, time.Now().Add(time.Second))})
	a.awaitValue(t, "press/ns=2;i=1", "77.0")
	if n := s.connections(); n != 1 {
		t.Errorf("%d connections", n)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.perPublish == 0 || s.perPublish > 2 {
		t.Errorf("the last was made for notifications of %d changes, want 2 at most", s.perPublish)
	}
}
