package cluster

import (
	"sync/atomic"
	"testing"
	"time"

	"tagbridge/testrig/natsd"
)

// TestCopied has all members know how far the copy of each is, and of one that copies nothing, that it does not.
func TestCopied(t *testing.T) {
	p := newPlant(t, 2, natsd.New(t, ""))
	var behind atomic.Uint64
	a := p.start("pc-a", func(o *Options) {
		o.Copied = func() Copy {
			return Copy{Copies: true, Behind: behind.Load(), Age: time.Duration(behind.Load()) * time.Second}
		}
	})
	b := p.start("pc-b", nil)
	for _, n := range []uint64{0, 70, 3, 0} {
		behind.Store(n)
		for _, m := range []*pc{a, b} {
			await(t, m.name+" knows how far the copies are", func() bool {
				said := map[string]Copy{}
				for _, o := range m.State().Members {
					said[o.Node] = o.Copy
				}
				return len(said) == 2 && said["pc-a"] == Copy{Copies: true, Behind: n, Age: time.Duration(n) * time.Second} && said["pc-b"] == Copy{}
			})
		}
	}
}
