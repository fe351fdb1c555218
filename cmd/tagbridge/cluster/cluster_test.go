package cluster

import (
	"testing"

	"tagbridge/testrig/natsd"
)

// TestShare has members share what is to be read, take over from one that leaves, and give it back its share, by one server, by three that
// know nothing of each other and by a cluster of three.
func TestShare(t *testing.T) {
	for _, c := range []struct {
		name    string
		servers func() []*natsd.Server
	}{
		{"one", func() []*natsd.Server { return []*natsd.Server{natsd.New(t, "")} }},
		{"three", func() []*natsd.Server { return []*natsd.Server{natsd.New(t, ""), natsd.New(t, ""), natsd.New(t, "")} }},
		{"cluster", func() []*natsd.Server { return natsd.Cluster(t, 3) }},
	} {
		for _, stop := range []bool{false, true} {
			t.Run(c.name, func(t *testing.T) {
				p := newPlant(t, 12, c.servers()...)
				p.o.Stop = stop
				a := p.start("pc-a", nil)
				t.Log("the first reads all after", p.shared("the first reads all", a))
				b := p.start("pc-b", nil)
				t.Log("two share after", p.shared("two share", a, b))
				d := p.start("pc-c", nil)
				t.Log("three share after", p.shared("three share", a, b, d))
				b.stop()
				t.Log("two have all after", p.shared("two have all", a, d))
				a.Drain(true)
				t.Log("one has all after", p.shared("one has all", d))
			})
		}
	}
}
