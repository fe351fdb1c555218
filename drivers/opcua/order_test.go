package opcua

import (
	"fmt"
	"testing"
	"time"

	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping"
)

// counters is a link and a job to two nodes of s, subscribed, whose first round has been read. Its clock is moved by hand.
type counters struct {
	l    *Link
	run  func() []string
	send func(number uint32, values map[uint32][]byte) []string // pushes, and takes it
	pass func(d time.Duration)                                  // in which the subscription lives
}

// subscribed opens a link to s and subscribes to its nodes 1 and 2.
func subscribed(t *testing.T, s *script, o PlanOptions) *counters {
	t.Helper()
	moved := time.Duration(0)
	l := s.link(LinkOptions{Now: func() time.Time { return time.Now().Add(moved) }})
	open(t, l)
	o.Subscribe = true
	j := jobOf(numbered(2), o)
	var b mapping.Batch
	c := &counters{l: l}
	texts := func() (list []string) {
		for i := range b.Samples {
			x := &b.Samples[i]
			text := x.Quality.String()
			if x.Kind != mapping.None {
				text = string(mapping.AppendJSONNumber(nil, x, 0))
			}
			list = append(list, fmt.Sprint(x.Index+1, "=", text))
		}
		return list
	}
	c.run = func() []string {
		t.Helper()
		if err := round1(t.Context(), l, j, &b); err != nil {
			t.Fatal(err)
		}
		return texts()
	}
	number := uint32(0)
	c.send = func(n uint32, values map[uint32][]byte) []string {
		t.Helper()
		if err := l.publish(t.Context()); err != nil {
			t.Fatal(err)
		}
		if number = n; n == 0 {
			t.Fatal("number 0")
		}
		s.latest().push(n, values)
		b.Reset(j.Group)
		if _, err := l.notified(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		return texts()
	}
	c.pass = func(d time.Duration) {
		t.Helper()
		moved += d
		c.send(number+1, nil)
	}
	return c
}

func same(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// TestReadingDoesNotOvertakeWhatIsPushed reads a counter while older values of it are on their way.
func TestReadingDoesNotOvertakeWhatIsPushed(t *testing.T) {
	for name, o := range map[string]PlanOptions{"source": {Timestamps: SourceTime}, "bridge": {Timestamps: BridgeTime}} {
		t.Run(name, func(t *testing.T) {
			s := newScript(t)
			count := 10.0
			begin := time.Now().Add(-time.Minute)
			at := func(n float64) time.Time { return begin.Add(time.Duration(n) * time.Second) }
			s.value = func(n wire.NodeID) []byte {
				if n.Space == 2 {
					return doubleAt(count, at(count))
				}
				return nil
			}
			s.start()
			c := subscribed(t, s, o)
			same(t, "the first reading", c.run(), "1=10.0", "2=10.0")
			push := func(number uint32, v float64) []string {
				return c.send(number, map[uint32][]byte{0: doubleAt(v, at(v))})
			}
			same(t, "before the items were made", push(1, 9))
			same(t, "the same as was read", push(2, 10))
			same(t, "newer", push(3, 11), "1=11.0")
			count = 15
			c.pass(c.l.o.Watchdog * auditPeriods)
			same(t, "a reading of everything", c.run())
			same(t, "what was on its way then", push(5, 12), "1=12.0")
			same(t, "and the rest of it", push(6, 15), "1=15.0")
		})
	}
}

// TestItemThatMissedAChangeIsMadeAnew has a value change without a notification.
func TestItemThatMissedAChangeIsMadeAnew(t *testing.T) {
	s := newScript(t)
	value, at := 1.0, time.Now()
	s.value = func(n wire.NodeID) []byte {
		if n.Space == 2 {
			return doubleAt(value, at)
		}
		return nil
	}
	s.start()
	c := subscribed(t, s, PlanOptions{})
	c.run()
	c.send(1, map[uint32][]byte{0: doubleAt(1, at), 1: doubleAt(1, at)})
	value, at = 2, at.Add(time.Second)
	c.pass(c.l.o.Watchdog * auditPeriods)
	same(t, "the first reading that differs", c.run())
	items := s.count(svcMonitor)
	c.pass(c.l.o.Watchdog)
	same(t, "the second", c.run())
	same(t, "after the items were made anew", c.run(), "1=2.0", "2=2.0")
	if n := s.count(svcMonitor) - items; n != 1 {
		t.Errorf("%d requests for items, want 1", n)
	}
}

// TestLostNotificationsAreMadeUpFor has a number missing, and one that comes late.
func TestLostNotificationsAreMadeUpFor(t *testing.T) {
	s := newScript(t)
	begin := time.Now().Add(-time.Minute)
	value := 5.0
	s.value = func(n wire.NodeID) []byte {
		if n.Space == 2 {
			return doubleAt(value, begin.Add(time.Duration(value)*time.Second))
		}
		return nil
	}
	s.start()
	c := subscribed(t, s, PlanOptions{})
	c.run()
	at := func(v float64) []byte { return doubleAt(v, begin.Add(time.Duration(v)*time.Second)) }
	same(t, "the first", c.send(1, map[uint32][]byte{0: at(6)}), "1=6.0")
	same(t, "one that has overtaken another", c.send(3, map[uint32][]byte{0: at(8)}), "1=8.0")
	same(t, "the one that was overtaken", c.send(2, map[uint32][]byte{0: at(7), 1: at(7)}), "2=7.0")
	same(t, "nothing is lost", c.run())
	same(t, "after one that is lost", c.send(5, map[uint32][]byte{0: at(9)}), "1=9.0")
	value = 20
	same(t, "everything is read", c.run(), "1=20.0", "2=20.0")
}
