package split

import (
	"os"
	"slices"
	"testing"
	"time"
)

// TestManyEndpoints has one of three members die that share many endpoints of many tags and copy all of it: all are polled again.
// TAGBRIDGE_MANY makes it 500 of 500, and wants them polled within 5 s.
func TestManyEndpoints(t *testing.T) {
	o := options{endpoints: 60, tags: 20, members: 3, isolated: "keep", takeover: 2 * time.Second, poll: time.Second, replicate: true}
	big := os.Getenv("TAGBRIDGE_MANY") != ""
	if big {
		o.endpoints, o.tags, o.poll = 500, 500, 10*time.Second
	}
	r := newRig(t, o)
	for _, m := range r.members {
		m.start()
	}
	began := time.Now()
	r.await("all take part", func() bool { return r.settled(r.members...) && r.even() })
	r.await("all is polled", func() bool { return r.polled(began) })
	r.await("all copy what they read", func() bool { return r.copies(r.members...) })
	t.Logf("all take part and have read everything after %v", time.Since(began))
	dead := r.members[1]
	owned := dead.reads()
	r.forget()
	readers := map[int]int{}
	for _, i := range owned {
		readers[i] = r.turns(i)[0].Conn
	}
	killed := time.Now()
	dead.kill()
	r.await("all is polled again", func() bool {
		return !slices.ContainsFunc(owned, func(i int) bool { return r.heir(i, readers[i]) < 0 })
	})
	var after []time.Duration
	for _, i := range owned {
		after = append(after, r.turns(i)[r.heir(i, readers[i])].First.Sub(killed))
	}
	slices.Sort(after)
	n := len(after)
	t.Logf("%d endpoints polled again: the first %v after the kill, half %v, 95 of 100 %v, the last %v",
		n, after[0], after[n/2], after[n*95/100], after[n-1])
	if big && after[n-1] > 5*time.Second {
		t.Errorf("the last endpoint was polled %v after the kill", after[n-1])
	}
}

// copies reports that each of these copies what it reads.
func (r *rig) copies(list ...*member) bool {
	for _, m := range list {
		if s, err := m.state(); err != nil || s.Copy.Error != "" || s.Copy.Copied == 0 {
			return false
		}
	}
	return true
}

// even reports that each member has about its share.
func (r *rig) even() bool {
	for _, m := range r.members {
		if n := len(m.reads()); n < len(r.plcs)/len(r.members)*8/10 {
			return false
		}
	}
	return true
}
