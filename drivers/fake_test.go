package drivers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/mapping"
)

// exchanged is one call of a fake link's Do, when it began, since the rig did.
type exchanged struct {
	at   time.Duration
	job  string
	step int
}

// fake is a link without a wire. Test and lane take turns with what is in it: the test has it while the lane sleeps,
// and fence tells the race detector.
type fake struct {
	fence  atomic.Int64
	start  time.Time
	cost   time.Duration                // of an exchange that is answered
	steps  map[string]int               // exchanges of a job's round; 1 where not named
	dead   map[int]time.Duration        // units that do not answer, and how long that takes
	do     func(j *Job, step int) error // before all else
	openAs func() error
	open   bool
	opens  int
	closes int
	// openings is when the link was opened.
	openings []time.Duration
	calls    []exchanged
	drops    []string
}

var errSilent = errors.New("no answer in time")

func (f *fake) Open(ctx context.Context) error {
	f.fence.Add(1)
	f.opens++
	f.openings = append(f.openings, time.Since(f.start))
	if f.openAs != nil {
		if err := f.openAs(); err != nil {
			return err
		}
	}
	f.open = true
	return ctx.Err()
}

func (f *fake) Close() error {
	f.open = false
	f.closes++
	return nil
}

func (f *fake) Drop(j *Job) { f.drops = append(f.drops, j.Device.Name) }

func (f *fake) Do(ctx context.Context, j *Job, step int, b *mapping.Batch) (int, error) {
	f.fence.Add(1)
	if !f.open {
		return 0, ErrClosed
	}
	f.calls = append(f.calls, exchanged{time.Since(f.start), j.Device.Name, step})
	if f.do != nil {
		if err := f.do(j, step); err != nil {
			return 0, err
		}
	}
	if d, ok := f.dead[j.Device.UnitID]; ok {
		if !f.spend(ctx, d) {
			return 0, ctx.Err()
		}
		return 0, &NoAnswer{Quality: mapping.BadTimeout, Err: errSilent}
	}
	if !f.spend(ctx, f.cost) {
		return 0, ctx.Err()
	}
	n := max(f.steps[j.Device.Name], 1)
	for i := range j.Group.Series {
		if i%n == step {
			b.Samples = append(b.Samples, mapping.Sample{Kind: mapping.Int, Index: uint16(i), Bits: uint64(len(f.calls))})
		}
	}
	return (step + 1) % n, nil
}

// spend lets d go by; false when ctx ended first.
func (f *fake) spend(ctx context.Context, d time.Duration) bool {
	defer f.fence.Add(1)
	if d == 0 {
		return true
	}
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// sent is one appended batch.
type sent struct {
	at      time.Duration
	device  string
	own     bool
	samples []mapping.Sample
}

// rig is a running lane on a fake link.
type rig struct {
	*testing.T
	*fake
	lane   *Lane
	sent   []sent
	refuse error
	logs   *strings.Builder
	ended  chan struct{}
	cancel func()
}

// newRig makes a rig; run starts it. The origin of the slots is its begin.
func newRig(t *testing.T, o LaneOptions) *rig {
	f := &fake{start: time.Now(), steps: map[string]int{}, dead: map[int]time.Duration{}}
	r := &rig{T: t, fake: f, logs: &strings.Builder{}, ended: make(chan struct{})}
	o.Append, o.Log = r.take, newLog(r.logs)
	r.lane = NewLane(f, o)
	r.lane.origin = f.start
	return r
}

func (r *rig) take(b *mapping.Batch) error {
	r.fence.Add(1)
	if r.refuse != nil {
		return r.refuse
	}
	r.sent = append(r.sent, sent{time.Since(r.start), b.Group.Device, b.Group.Own, slices.Clone(b.Samples)})
	return nil
}

func (r *rig) run(jobs ...*Job) {
	r.lane.Apply(jobs)
	ctx, cancel := context.WithCancel(r.Context())
	r.cancel = cancel
	go func() {
		defer close(r.ended)
		if err := r.lane.Run(ctx); err != nil {
			r.Errorf("Run = %v, want no error", err)
		}
	}()
	r.Cleanup(r.end)
}

// end stops the lane and waits for it.
func (r *rig) end() {
	r.cancel()
	<-r.ended
}

// pass lets d go by.
func (r *rig) pass(d time.Duration) {
	r.fence.Add(1)
	time.Sleep(d)
	synctest.Wait()
}

// times is when exchanges of the device began.
func (r *rig) times(device string) (at []time.Duration) {
	for _, c := range r.calls {
		if c.job == device {
			at = append(at, c.at)
		}
	}
	return at
}

// qualities is what was sent of tag index of the device, in order.
func (r *rig) qualities(device string, index uint16) (q []mapping.Quality) {
	for _, b := range r.sent {
		for _, s := range b.samples {
			if b.device == device && !b.own && s.Index == index {
				q = append(q, s.Quality)
			}
		}
	}
	return q
}

func (r *rig) device(name string) DeviceState {
	for _, d := range r.lane.Devices() {
		if d.Name == name {
			return d
		}
	}
	r.Fatalf("no device %s", name)
	return DeviceState{}
}

// forget drops what was recorded.
func (r *rig) forget() { r.calls, r.sent = nil, nil }

// newJob is a job of device "uN", unit N, with that many tags.
func newJob(unit int, period time.Duration, tags int) *Job {
	name := fmt.Sprintf("u%d", unit)
	g := mapping.Group{Device: name, UnitID: unit}
	for i := range tags {
		g.Series = append(g.Series, &mapping.Series{Tag: fmt.Sprintf("t%d", i), SeriesTraits: new(mapping.SeriesTraits)})
	}
	group := mapping.NewGroup(g)
	return &Job{
		Device: &Device{Name: name, UnitID: unit, Retries: 1, TimestampPerPoll: true, Timeout: time.Second},
		Group:  group, Filter: mapping.NewFilter(group, make([]mapping.Rule, tags)), Period: period,
	}
}

// offset is the phase of j.
func offset(j *Job) time.Duration { return slot(j.Device.Name, j.Period) }

func wantTimes(t *testing.T, what string, got, want []time.Duration) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s at %v, want %v", what, got, want)
	}
}
