package opcua

import (
	"fmt"
	"testing"
	"time"

	"tagbridge/drivers/opcua/wire"
)

// TestFaultOfOneNodeOnALane has one of a hundred nodes break the connection, or go unanswered, for ever: the others are
// read, by both jobs of the lane, and it is bad by itself.
func TestFaultOfOneNodeOnALane(t *testing.T) {
	for name, v := range map[string]verdict{"hang-up": {hangUp: true}, "silence": {silent: true}} {
		for mode, o := range map[string]PlanOptions{"poll": {}, "subscribe": {Subscribe: true, Period: 50 * time.Millisecond}} {
			t.Run(name+" "+mode, func(t *testing.T) {
				t.Parallel()
				s := newScript(t)
				s.fault = func(q *request) verdict {
					if q.has(70) && (q.service == svcRead || q.service == svcMonitor) {
						return v
					}
					if q.service == svcMonitor {
						return verdict{status: wire.BadTooManyMonitoredItems}
					}
					return verdict{}
				}
				s.start()
				l := s.link(LinkOptions{Watchdog: time.Second, Retries: 1})
				l.o.Session.Timeout = 200 * time.Millisecond
				a := newArrivals()
				ill := jobOf(numbered(100), o)
				ill.Period = 100 * time.Millisecond
				run(t, l, a, ill, quickJob("well", PlanOptions{Subscribe: o.Subscribe, Period: 70 * time.Millisecond}, "ns=2;i=500"))
				a.await(t, "all but one", func() bool {
					for i := 1; i <= 100; i++ {
						tag := fmt.Sprintf("press/ns=2;i=%d", i)
						if good := a.last[tag] == fmt.Sprintf("%d.0", i); good != (i != 70) {
							return false
						}
					}
					return a.last["well/ns=2;i=500"] == "500.0"
				})
				s.mu.Lock()
				defer s.mu.Unlock()
				for i := 3; i < len(s.dates); i++ {
					if d := s.dates[i].Sub(s.dates[i-3]); d < 5*time.Second {
						t.Errorf("four connections within %v: %v", d, s.dates)
						break
					}
				}
			})
		}
	}
}

// TestNoStormOfSubscriptions has the server refuse one of two subscriptions, all notifications, or all items: the tags
// are read, over one connection.
func TestNoStormOfSubscriptions(t *testing.T) {
	for name, fault := range map[string]func(q *request) verdict{
		"second subscription": func(q *request) verdict {
			if q.service == svcSubscribe && q.at > 1 {
				return verdict{status: wire.BadTooManySubscriptions}
			}
			return verdict{}
		},
		"notifications": func(q *request) verdict {
			if q.service == svcPublish {
				return verdict{status: 0x80030000}
			}
			return verdict{}
		},
		"too many of them": func(q *request) verdict {
			if q.service == svcPublish {
				return verdict{status: wire.BadTooManyPublishRequests}
			}
			return verdict{}
		},
		"items": func(q *request) verdict {
			if q.service == svcMonitor {
				return verdict{status: wire.BadTooManyMonitoredItems}
			}
			return verdict{}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScript(t)
			s.fault = fault
			s.start()
			l := s.link(LinkOptions{Watchdog: time.Second})
			a := newArrivals()
			first := quickJob("first", PlanOptions{Subscribe: true, Period: 50 * time.Millisecond}, "ns=2;i=1")
			second := quickJob("second", PlanOptions{Subscribe: true, Period: 70 * time.Millisecond}, "ns=2;i=2")
			run(t, l, a, first, second)
			a.awaitValue(t, "first/ns=2;i=1", "1.0")
			a.awaitValue(t, "second/ns=2;i=2", "2.0")
			a.await(t, "ten rounds", func() bool { return first.Work.(*Plan).Err(0) != "" || s.count(svcRead) > 10 })
			if n := s.connections(); n != 1 {
				t.Errorf("%d connections", n)
			}
			if n := s.count(svcPublish); n > 40 {
				t.Errorf("%d requests for notifications", n)
			}
		})
	}
}
