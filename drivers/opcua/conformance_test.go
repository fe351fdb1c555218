package opcua

import (
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"

	"tagbridge/drivers"
	"tagbridge/drivers/opcua/session"
	"tagbridge/testrig/linktest"
	rig "tagbridge/testrig/opcua"
)

// TestConformance holds the link to drivers.Link, reading and subscribing.
func TestConformance(t *testing.T) {
	for name, subscribe := range map[string]bool{"poll": false, "subscribe": true} {
		t.Run(name, func(t *testing.T) {
			linktest.Run(t, func(t testing.TB, timeout time.Duration) linktest.Peer {
				return conforming(t, subscribe, timeout)
			})
		})
	}
}

// The nodes of the two jobs.
var conformingNodes = [2][]string{{"ns=2;s=a0", "ns=2;s=a1", "ns=2;s=a2", "ns=2;s=a3"}, {"ns=2;s=b0", "ns=2;s=b1", "ns=2;s=b2"}}

// conforming is a server to be read.
func conforming(t testing.TB, subscribe bool, timeout time.Duration) linktest.Peer {
	nodes := map[string]any{}
	for _, list := range conformingNodes {
		for _, n := range list {
			nodes[n] = int32(1)
		}
	}
	s := serve(t, rig.Options{Nodes: nodes})
	p := linktest.Peer{
		Address: s.Addr(), Pushes: subscribe,
		Link: func(address string) drivers.Link {
			return NewLink(LinkOptions{
				Session:  session.Options{URL: s.URL(), Address: address, Timeout: timeout},
				Watchdog: timeout,
			})
		},
		Jobs: func() (a, b *drivers.Job) {
			return conformingJob("first", conformingNodes[0], subscribe, timeout), conformingJob("second", conformingNodes[1], subscribe, timeout)
		},
	}
	refused := false
	p.Set = func(n int) {
		for _, list := range conformingNodes {
			for _, node := range list {
				if !refused || node != conformingNodes[0][0] {
					s.Set(node, int32(n))
				}
			}
		}
	}
	p.Refuse = func(on bool) {
		refused = on
		s.SetFunc(conformingNodes[0][0], func() *ua.DataValue {
			return &ua.DataValue{EncodingMask: ua.DataValueStatusCode, Status: ua.StatusBadUserAccessDenied}
		})
	}
	return p
}

func conformingJob(name string, nodes []string, subscribe bool, timeout time.Duration) *drivers.Job {
	j := jobOf(tags(nodes...), PlanOptions{Subscribe: subscribe, Period: 50 * time.Millisecond})
	j.Device = &drivers.Device{Name: name, Driver: "opcua", Timeout: timeout, Retries: 1}
	j.Period = 50 * time.Millisecond
	if subscribe {
		j.Period = time.Second
	}
	return j
}
