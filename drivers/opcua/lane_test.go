package opcua

import (
	"context"
	"maps"
	"sync"
	"testing"
	"time"

	"tagbridge/drivers"
	"tagbridge/drivers/opcua/session"
	"tagbridge/mapping"
	rig "tagbridge/testrig/opcua"
)

// arrivals takes the samples of lanes and lets tests wait for them.
type arrivals struct {
	mu    sync.Mutex
	last  map[string]string // by device/tag
	count map[string]int
	units map[string]map[string]bool // that a tag's samples had
	all   []string
	moved chan struct{}
}

func newArrivals() *arrivals {
	return &arrivals{last: map[string]string{}, count: map[string]int{}, units: map[string]map[string]bool{}, moved: make(chan struct{}, 1)}
}

func (a *arrivals) append(b *mapping.Batch) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for name, text := range shown(&drivers.Job{Group: b.Group}, b) {
		name = b.Group.Device + "/" + name
		a.last[name] = text
		a.count[name]++
		a.all = append(a.all, name+"="+text)
	}
	for i := range b.Samples {
		s := b.Group.Series[b.Samples[i].Index]
		name := b.Group.Device + "/" + s.Tag
		if a.units[name] == nil {
			a.units[name] = map[string]bool{}
		}
		a.units[name][s.Unit] = true
	}
	select {
	case a.moved <- struct{}{}:
	default:
	}
	return nil
}

// await waits until ok, which is called with the lock held.
func (a *arrivals) await(t testing.TB, what string, ok func() bool) {
	t.Helper()
	limit := time.After(2 * time.Minute)
	again := time.NewTicker(10 * time.Millisecond) // not all that is waited for brings a sample
	defer again.Stop()
	for {
		a.mu.Lock()
		done := ok()
		a.mu.Unlock()
		if done {
			return
		}
		select {
		case <-a.moved:
		case <-again.C:
		case <-limit:
			a.mu.Lock()
			defer a.mu.Unlock()
			t.Fatalf("%s did not happen; last values %v", what, a.last)
		}
	}
}

// awaitValue waits for a tag's value.
func (a *arrivals) awaitValue(t testing.TB, tag, want string) {
	t.Helper()
	a.await(t, tag+"="+want, func() bool { return a.last[tag] == want })
}

func (a *arrivals) counted(tag string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.count[tag]
}

// unitsOf is the units that a tag's samples had.
func (a *arrivals) unitsOf(tag string) map[string]bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.units[tag])
}

// run runs a lane of jobs over l until t ends.
func run(t testing.TB, l *Link, a *arrivals, jobs ...*drivers.Job) *drivers.Lane {
	t.Helper()
	lane := drivers.NewLane(l, drivers.LaneOptions{Name: t.Name(), Append: a.append})
	lane.Apply(jobs)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { lane.Run(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
	return lane
}

// proxyTo is a proxy before s, and a link through it whose watchdog is quick.
func proxyTo(t testing.TB, s *rig.Server, watchdog time.Duration) (*rig.Proxy, *Link) {
	t.Helper()
	p, err := rig.NewProxy(s.Addr(), 7)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Serve(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return p, NewLink(LinkOptions{
		Session:  session.Options{URL: s.URL(), Address: p.Addr(), Timeout: watchdog},
		Watchdog: watchdog,
	})
}

func quickJob(device string, o PlanOptions, nodes ...string) *drivers.Job {
	j := jobOf(tags(nodes...), o)
	d := *j.Device
	d.Name, d.Timeout = device, time.Second
	j.Device = &d
	g := *j.Group
	g.Device = device
	j.Group = mapping.NewGroup(g)
	j.Period = 100 * time.Millisecond
	return j
}

func TestRecoversFromCutAndSilentConnections(t *testing.T) {
	for name, o := range map[string]PlanOptions{"poll": {}, "subscribe": {Subscribe: true, Period: 50 * time.Millisecond}} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, rig.Options{Nodes: map[string]any{"ns=1;s=a": 1.5}})
			p, l := proxyTo(t, s, 300*time.Millisecond)
			a := newArrivals()
			run(t, l, a, quickJob("press", o, "ns=1;s=a"))
			a.awaitValue(t, "press/ns=1;s=a", "1.5")

			p.Cut()
			a.await(t, "the cut", func() bool { return p.Opened() > 1 })
			s.Set("ns=1;s=a", 2.5)
			a.awaitValue(t, "press/ns=1;s=a", "2.5")

			p.Freeze(true) // half open: nothing arrives, nothing breaks
			a.await(t, "notice of the silence", func() bool {
				return mapping.Quality(0).String() != a.last["press/ns=1;s=a"] && a.last["press/ns=1;s=a"] != "2.5"
			})
			s.Set("ns=1;s=a", 3.5)
			p.Freeze(false)
			a.awaitValue(t, "press/ns=1;s=a", "3.5")
		})
	}
}

func TestGarbageCostsItsDeviceOnly(t *testing.T) {
	nodes := map[string]any{
		"ns=1;s=a": 1.5, "ns=1;s=b": "text", "ns=1;s=c": []int32{1, 2, 3}, "ns=1;s=d": int16(4), "ns=1;s=e": true,
	}
	for name, o := range map[string]PlanOptions{"poll": {}, "subscribe": {Subscribe: true, Period: 20 * time.Millisecond}} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, rig.Options{Nodes: nodes})
			p, l := proxyTo(t, s, 300*time.Millisecond)
			a := newArrivals()
			p.Mangle(400)
			list := tags("ns=1;s=a", "ns=1;s=b", "ns=1;s=c", "ns=1;s=d", "ns=1;s=e", "i=2256")
			list[2].Element, list[3].EnumAuto = elementOf("[*]"), true
			j := openJob(list, o)
			j.Period = 10 * time.Millisecond
			run(t, l, a, j)
			healthy := linkTo(t, s)
			h := quickJob("healthy", PlanOptions{}, "ns=1;s=a")
			lane := run(t, healthy, a, h)
			a.await(t, "thirty polls of the healthy device", func() bool { return a.count["healthy/ns=1;s=a"] >= 30 })
			if line := lane.Line(); line.Opens != 1 {
				t.Errorf("the healthy device was connected %d times", line.Opens)
			}
			if d := lane.Devices()[0]; d.Missed != 0 {
				t.Errorf("the healthy device was offline for %d polls", d.Missed)
			}
			p.Mangle(0)
			a.awaitValue(t, "press/ns=1;s=a", "1.5")
			a.awaitValue(t, "press/ns=1;s=b", "text")
			a.awaitValue(t, "healthy/ns=1;s=a", "1.5")
		})
	}
}

func TestServerRestart(t *testing.T) {
	for name, o := range map[string]PlanOptions{"poll": {}, "subscribe": {Subscribe: true, Period: 50 * time.Millisecond}} {
		t.Run(name, func(t *testing.T) {
			const node = "nsu=http://example.org/b;s=x"
			before := serve(t, rig.Options{Nodes: map[string]any{node: 1.5}})
			// After it the namespace is at another index.
			after := serve(t, rig.Options{Nodes: map[string]any{"ns=5;s=x": 9.5, node: 2.5}})
			p, l := proxyTo(t, before, time.Second)
			a := newArrivals()
			run(t, l, a, quickJob("press", o, node))
			a.awaitValue(t, "press/"+node, "1.5")
			p.Retarget(after.Addr())
			a.awaitValue(t, "press/"+node, "2.5")
		})
	}
}

// TestDeadbandOfTheBridge subscribes to a server that knows no deadbands.
func TestDeadbandOfTheBridge(t *testing.T) {
	s := serve(t, rig.Options{Nodes: map[string]any{"ns=1;s=a": 1.5}})
	l := linkTo(t, s)
	tg := tag("ns=1;s=a")
	tg.Report, tg.Deadband = mapping.ReportChange, mapping.Deadband{Value: 1}
	a := newArrivals()
	run(t, l, a, jobOf([]*mapping.Tag{tg}, PlanOptions{Subscribe: true, Period: 50 * time.Millisecond}))
	a.awaitValue(t, "press/ns=1;s=a", "1.5")
	s.Set("ns=1;s=a", 2.0)
	s.Set("ns=1;s=a", 9.0)
	a.awaitValue(t, "press/ns=1;s=a", "9.0")
	if n := a.counted("press/ns=1;s=a"); n != 2 {
		t.Errorf("%d samples, want those of 1.5 and 9: %v", n, a.all)
	}
}
