package opcua

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tagbridge/drivers/opcua/session"
	"tagbridge/mapping"
	rig "tagbridge/testrig/opcua"
)

// TestNamespacesChangeWithinASession has the server give two namespaces each other's index while a session lasts: what
// is then under the old index is another node, and must never pass for the tag's.
func TestNamespacesChangeWithinASession(t *testing.T) {
	const right, wrong = "nsu=http://example.org/right;s=x", "nsu=http://example.org/wrong;s=x"
	for name, o := range modes {
		t.Run(name, func(t *testing.T) {
			s := serve(t, rig.Options{Nodes: map[string]any{right: 1.0, wrong: -1.0, "ns=1;s=y": 5.0}})
			a := newArrivals()
			j := jobOf(tags(right, "ns=1;s=y"), o)
			j.Period = 20 * time.Millisecond
			// The simulator's library can let a first value overtake a later one; the reading of everything that finds what
			// was missed then is not to take long.
			l := NewLink(LinkOptions{
				Session: session.Options{URL: s.URL(), Address: s.Addr(), Timeout: 5 * time.Second}, Watchdog: time.Second,
			})
			run(t, l, a, j)
			a.awaitValue(t, "press/"+right, "1.0")
			table := s.Table()
			swapped := slices.Clone(table)
			i, k := slices.Index(table, "http://example.org/right"), slices.Index(table, "http://example.org/wrong")
			swapped[i], swapped[k] = swapped[k], swapped[i]
			// The nodes follow their namespaces: what was right's index holds wrong's value from now on.
			s.Exchange(right, wrong, swapped)
			s.Set(wrong, 2.0) // right's node, at its new index
			a.awaitValue(t, "press/"+right, "2.0")
			a.awaitValue(t, "press/ns=1;s=y", "5.0")
			a.mu.Lock()
			defer a.mu.Unlock()
			for _, sample := range a.all {
				if strings.Contains(sample, "=-1.0") {
					t.Fatalf("a value of another node was sent: %v", a.all)
				}
			}
		})
	}
}

// TestTableIsReadAlong says what guarding a request costs: a node, where there is room for it.
func TestTableIsReadAlong(t *testing.T) {
	for _, c := range []struct {
		node   string
		most   int
		chunks []int // nodes asked for
	}{
		{"ns=1;s=", 3, []int{3, 2}},
		{"nsu=http://example.org;s=", 3, []int{3, 3, 2}},
		{"/Objects/1:", 6, []int{6}},
		{"nsu=http://example.org;s=", 1, []int{1, 1, 1, 1, 1}},
	} {
		var list []*mapping.Tag
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			list = append(list, tag(c.node+name))
		}
		p := jobOf(list, PlanOptions{}).Work.(*Plan)
		p.most = c.most
		var got []int
		seen := 0
		l := NewLink(LinkOptions{})
		newSubscriber(l, p, nil).layout(p.askable())
		for _, ch := range p.chunks {
			got = append(got, ch.read.Count)
			seen += len(ch.tags)
		}
		if !slices.Equal(got, c.chunks) || seen != 5 {
			t.Errorf("%s by %d: %d tags in requests of %v, want 5 in %v", c.node, c.most, seen, got, c.chunks)
		}
	}
}
