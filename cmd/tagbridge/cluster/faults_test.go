package cluster

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tagbridge/testrig/natsd"
)

// TestServersFail has one server of three be killed, which changes nothing, then all, which with Stop ends reading, and all be back.
func TestServersFail(t *testing.T) {
	for _, stop := range []bool{false, true} {
		servers := []*natsd.Server{natsd.New(t, ""), natsd.New(t, ""), natsd.New(t, "")}
		p := newPlant(t, 12, servers...)
		p.o.Stop = stop
		a, b := p.start("pc-a", nil), p.start("pc-b", nil)
		p.shared("two share", a, b)
		takes := a.State().Endpoints
		await(t, "both know the same epochs", func() bool { // each hears of what the other one took with its next beat
			takes = a.State().Endpoints
			return slices.EqualFunc(takes, b.State().Endpoints, func(x, y Endpoint) bool {
				return x.Key == y.Key && x.Epoch == y.Epoch && x.Epoch != 0
			})
		})
		servers[0].Kill()
		await(t, "both miss a server", func() bool { return !a.State().Servers[0].Up && !b.State().Servers[0].Up })
		for _, s := range servers[1:] {
			s.Kill()
		}
		await(t, "both are cut off", func() bool { return !a.State().Attached && !b.State().Attached })
		if stop {
			await(t, "nobody reads", func() bool { _, none, _ := p.count(a, b); return none == 12 })
		} else if counts, none, _ := p.count(a, b); none > 0 {
			t.Errorf("cut off, they read %v, and %d have no reader", counts, none)
		}
		for i, e := range a.State().Endpoints {
			if !stop && e.Epoch != takes[i].Epoch {
				t.Errorf("%s has epoch %d after %d", e.Key, e.Epoch, takes[i].Epoch)
			}
		}
		for _, s := range servers {
			s.Start(t)
		}
		t.Logf("stop %v: all is as it was %v after the servers were back", stop, p.shared("two share again", a, b))
	}
}

// TestPaused has a member stand still for longer than Takeover: another one takes over in time, and with Stop the first one knows at
// once that its time is over, before it has done anything.
func TestPaused(t *testing.T) {
	p := newPlant(t, 6, natsd.New(t, ""))
	p.o.Stop = true
	a, b := p.start("pc-a", nil), p.start("pc-b", nil)
	p.shared("two share", a, b)
	held := make(chan struct{})
	go a.ask(func(*runner) { <-held })
	after := p.shared("the other one reads all", b)
	if after > p.o.Takeover+time.Second {
		t.Errorf("taken over after %v", after)
	}
	if a.InTime() {
		t.Error("the one that stands still may read")
	}
	close(held)
	p.shared("two share again", a, b)
	t.Log("taken over after", after)
}

// TestTwins has the later one of two members of one name take nothing, and both say so.
func TestTwins(t *testing.T) {
	p := newPlant(t, 6, natsd.New(t, ""))
	a := p.start("pc-a", nil)
	p.shared("the first reads all", a)
	b := p.start("pc-a", nil)
	await(t, "both say so", func() bool {
		return strings.Contains(a.State().Twin, "called pc-a") && strings.Contains(b.State().Twin, "takes nothing")
	})
	if counts, none, twice := p.count(a, b); counts[0] != 6 || none+twice > 0 {
		t.Errorf("they read %v", counts)
	}
	a.stop()
	await(t, "the later one reads all", func() bool { counts, _, _ := p.count(b); return counts[0] == 6 && b.State().Twin == "" })
}

// TestSameServerTwice has a server that is named twice count once, in words.
func TestSameServerTwice(t *testing.T) {
	s := natsd.New(t, "")
	p := newPlant(t, 1, s)
	p.o.URLs = append(p.o.URLs, strings.Replace(p.o.URLs[0], "127.0.0.1", "localhost", 1))
	a := p.start("pc-a", nil)
	await(t, "the second is refused", func() bool {
		list := a.State().Servers
		return strings.Contains(list[0].Error+list[1].Error, "same server")
	})
}

// TestUnlike has one of two members know more endpoints than the other one: it reads them all, both say so, and they share once they are
// alike.
func TestUnlike(t *testing.T) {
	p := newPlant(t, 12, natsd.New(t, ""))
	all := p.o.Endpoints
	a := p.start("pc-a", nil)
	b := p.start("pc-b", func(o *Options) { o.Endpoints = all[:6] })
	await(t, "everything is read", func() bool { _, none, twice := p.count(a, b); return none == 0 && twice == 0 })
	await(t, "both say so", func() bool { return unlike(a, "pc-b") && unlike(b, "pc-a") })
	if err := b.Configure(all); err != nil {
		t.Fatal(err)
	}
	p.shared("two share", a, b)
	await(t, "nobody says so", func() bool { return !unlike(a, "pc-b") && !unlike(b, "pc-a") })
}

func unlike(m *pc, node string) bool {
	return slices.ContainsFunc(m.State().Members, func(o Member) bool { return o.Node == node && o.Unlike })
}
