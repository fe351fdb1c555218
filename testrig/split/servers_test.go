package split

import (
	"os"
	"testing"
	"time"
)

// away is how long servers are not there; with TAGBRIDGE_SPLITS a minute.
func away(o options) time.Duration {
	if os.Getenv("TAGBRIDGE_SPLITS") != "" {
		return time.Minute
	}
	return 2 * o.takeover
}

// TestServersAway has all servers stand still, be killed or be out of reach for long, and come back: with keep reading goes on all the
// time by whoever did, with stop nobody reads, and never two do. No member is started anew.
func TestServersAway(t *testing.T) {
	for _, isolated := range []string{"keep", "stop"} {
		t.Run(isolated, func(t *testing.T) {
			t.Parallel()
			o := options{endpoints: 4, members: 2, isolated: isolated, takeover: time.Second, poll: 100 * time.Millisecond, apart: true}
			r := newRig(t, o)
			for _, m := range r.members {
				m.start()
			}
			began := time.Now()
			r.await("all take part", func() bool { return r.settled(r.members...) && r.polled(began) })
			for _, c := range []struct {
				name       string
				begin, end func()
			}{
				{"frozen", func() {
					for _, s := range r.nats {
						s.Freeze()
					}
				}, func() {
					for _, s := range r.nats {
						s.Thaw()
					}
				}},
				{"killed", func() {
					for _, s := range r.nats {
						s.Kill()
					}
				}, func() {
					for _, s := range r.nats {
						s.Start(t)
					}
				}},
				{"silent", func() {
					for _, m := range r.members {
						m.cut(silent, silent)
					}
				}, func() {
					for _, m := range r.members {
						m.heal()
					}
				}},
			} {
				r.forget()
				c.begin()
				if isolated == "stop" {
					r.await(c.name+": nobody reads", func() bool { return r.open() == 0 })
				} else {
					r.await(c.name+": both are cut off", func() bool { return !r.members[0].attached() && !r.members[1].attached() })
				}
				gone := time.Now()
				r.sleep(away(o))
				if isolated == "keep" && !r.polled(gone) {
					t.Errorf("%s: not all is read", c.name)
				}
				if isolated == "stop" && r.polled(gone) {
					t.Errorf("%s: somebody reads", c.name)
				}
				back := time.Now()
				c.end()
				took := r.await(c.name+": all is well again", func() bool { return r.settled(r.members...) && r.polled(back) })
				if n := r.twice(false); n > 0 {
					r.tell()
					t.Errorf("%s: two read a PLC at a time", c.name)
				}
				t.Logf("%s for %v: all is well again after %v", c.name, away(o), took)
			}
		})
	}
}

// attached is what it says of itself.
func (m *member) attached() bool {
	s, err := m.state()
	return err == nil && s.Attached
}

// open is how many connections PLCs have.
func (r *rig) open() (n int) {
	for _, s := range r.plcs {
		n += s.Open()
	}
	return n
}

// TestOneConnection has PLCs that take one connection only: whoever leaves one closes it before the next one wants it.
func TestOneConnection(t *testing.T) {
	t.Parallel()
	r := newRig(t, options{endpoints: 4, members: 2, isolated: "stop", takeover: time.Second, poll: 100 * time.Millisecond, connections: 1})
	for _, m := range r.members {
		m.start()
	}
	began := time.Now()
	r.await("all take part", func() bool { return r.settled(r.members...) && r.polled(began) })
	for _, b := range blows {
		if b.name == "SIGSTOP" {
			continue // what stands still closes nothing
		}
		r.forget()
		m := r.members[0]
		if len(m.reads()) == 0 {
			m = r.members[1]
		}
		other := r.members[1-m.at]
		hit := time.Now()
		mend := b.do(m)
		r.await(b.name+": the other one reads all", func() bool {
			return len(other.reads()) == 4 && r.polled(hit.Add(r.o.takeover))
		})
		mend()
		r.await(b.name+": all is well again", func() bool { return r.settled(r.members...) && r.shared() })
		if n := r.twice(false); n > 0 {
			r.tell()
			t.Errorf("%s: two read a PLC at a time", b.name)
		}
	}
}

// shared reports that each member reads something.
func (r *rig) shared() bool {
	for _, m := range r.members {
		if len(m.reads()) == 0 {
			return false
		}
	}
	return true
}
