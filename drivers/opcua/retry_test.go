package opcua

import (
	"sync/atomic"
	"testing"
	"time"

	"tagbridge/drivers/opcua/session"
	rig "tagbridge/testrig/opcua"
)

// TestPathsAreLookedForAgain reads a node by a path that leads nowhere until later, beside one that is there.
func TestPathsAreLookedForAgain(t *testing.T) {
	const path = "/Objects/1:Press/1:Force"
	for name, o := range map[string]PlanOptions{"poll": {}, "subscribe": {Subscribe: true}} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, rig.Options{Nodes: map[string]any{path: 1.5, "ns=1;s=a": 2.5}})
			s.Hide(path, true)
			var passed atomic.Int64
			l := NewLink(LinkOptions{
				Session: session.Options{URL: s.URL(), Address: s.Addr(), Timeout: 5 * time.Second},
				Now:     func() time.Time { return time.Now().Add(time.Duration(passed.Load())) },
			})
			t.Cleanup(func() { l.Close() })
			open(t, l)
			j := jobOf(tags(path, "ns=1;s=a"), o)
			if got := readOnce(t, l, j); got[path] != "BadNoMatch" || got["ns=1;s=a"] != "2.5" {
				t.Fatalf("without the path: %v", got)
			}
			s.Hide(path, false)
			before := j.Work.(*Plan).sub.id
			passed.Add(int64(retryEvery))
			if got := readOnce(t, l, j); got[path] != "1.5" {
				t.Errorf("with the path, half a minute later: %v", got)
			}
			if after := j.Work.(*Plan).sub.id; after != before {
				t.Errorf("the subscription was made anew: %d, %d before", after, before)
			}
			if why := j.Work.Err(0); why != "" {
				t.Errorf("reason %q for a good value", why)
			}
		})
	}
}
