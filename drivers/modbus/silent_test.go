package modbus

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
)

// silentLane reads tags of unit 1 at r on a lane, each list of them as a job of its own. What arrives is numbered
// through all lists.
type silentLane struct {
	lane    *drivers.Lane
	samples chan seen
	logs    *strings.Builder // to be read when it has ended
	now     atomic.Int64     // the link's clock, in seconds
	end     func()
}

func newSilentLane(t *testing.T, r *responder, retries int, lists ...[]*mapping.Tag) *silentLane {
	t.Helper()
	l := &silentLane{samples: make(chan seen, 100_000), logs: &strings.Builder{}}
	log := slog.New(slog.NewTextHandler(l.logs, nil))
	link, err := NewLink(LinkOptions{
		Transport: "tcp", Address: r.addr, Timeout: short, Log: log,
		Now: func() time.Time { return time.Unix(1_800_000_000+l.now.Load(), 0) },
	})
	if err != nil {
		t.Fatal(err)
	}
	device := &drivers.Device{Name: "boiler", UnitID: 1, Timeout: short, Retries: retries}
	first := map[*mapping.Group]uint16{}
	var jobs []*drivers.Job
	n := uint16(0)
	for _, tags := range lists {
		series := make([]*mapping.Series, len(tags))
		for i, tag := range tags {
			series[i] = mapping.NewSeries(tag, mapping.NewSeriesTraits(tag, mapping.Compile(tag)))
		}
		group := mapping.NewGroup(mapping.Group{Device: "boiler", UnitID: 1, Series: series})
		first[group] = n
		n += uint16(len(tags))
		jobs = append(jobs, &drivers.Job{
			Device: device, Group: group, Period: 10 * time.Millisecond, Work: planOf(Limits{}, tags...),
			Filter: mapping.NewFilter(group, make([]mapping.Rule, len(tags))),
		})
	}
	l.lane = drivers.NewLane(link, drivers.LaneOptions{Log: log, Append: func(b *mapping.Batch) error {
		for _, s := range b.Samples {
			select {
			case l.samples <- seen{first[b.Group] + s.Index, s.Quality}:
			default:
			}
		}
		return nil
	}})
	l.lane.Apply(jobs)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { l.lane.Run(ctx) })
	l.end = func() { cancel(); running.Wait() }
	t.Cleanup(l.end)
	return l
}

// silentTo does not answer to requests that touch one of the registers.
func silentTo(registers ...int) func(query) action {
	touch := illegal(IllegalDataAddress, registers...)
	return func(q query) action {
		if touch(q.request) != 0 {
			return action{}
		}
		return action{send: q.right()}
	}
}

// A device that is silent to some of its requests, from the start, is online all the time it answers to others; those are
// read at every poll, the tags of the silent ones are BadTimeout once.
func TestSilentRequestCostsItsTagsOnly(t *testing.T) {
	for _, test := range []struct {
		name   string
		lists  [][]*mapping.Tag
		silent []int // registers, which are a hundred times the tags' numbers
	}{
		{"first", [][]*mapping.Tag{words(0, 100, 200, 300)}, []int{0}},
		{"middle", [][]*mapping.Tag{words(0, 100, 200, 300)}, []int{200}},
		{"last", [][]*mapping.Tag{words(0, 100, 200, 300)}, []int{300}},
		{"two", [][]*mapping.Tag{words(0, 100, 200, 300)}, []int{100, 300}},
		{"all but one", [][]*mapping.Tag{words(0, 100, 200, 300)}, []int{0, 100, 300}},
		{"a job of its own", [][]*mapping.Tag{words(0), words(100)}, []int{0}},
		{"two jobs of three", [][]*mapping.Tag{words(0), words(100), words(200)}, []int{0, 200}},
	} {
		for retries := range 3 {
			t.Run(test.name, func(t *testing.T) {
				t.Parallel()
				l := newSilentLane(t, serve(t, silentTo(test.silent...)), retries, test.lists...)
				bad, polls := map[uint16]int{}, map[uint16]int{}
				given := func() bool { return len(bad) == len(test.silent) }
				for s := range l.samples {
					isSilent := slices.Contains(test.silent, 100*int(s.index))
					switch {
					case isSilent && s.quality == mapping.BadTimeout:
						bad[s.index]++
					case !isSilent && s.quality == mapping.Good && given():
						polls[s.index]++
					case isSilent || s.quality != mapping.Good && given():
						t.Fatalf("retries %d: tag %d is %v", retries, s.index, s.quality)
					}
					if given() && polls[s.index] >= 50 {
						break
					}
				}
				if d := l.lane.Devices()[0]; d.State != drivers.Online {
					t.Errorf("retries %d: device is %v, want online", retries, d.State)
				}
				for i, n := range bad {
					if n > 2 {
						t.Errorf("retries %d: tag %d was sent bad %d times", retries, i, n)
					}
				}
				l.end()
				if n := strings.Count(l.logs.String(), "request not answered"); n != len(test.silent) {
					t.Errorf("retries %d: %d lines about silent requests, want %d:\n%s", retries, n, len(test.silent), l.logs)
				}
				// One whose first requests are all silent is like a dead one at first.
				_, after, _ := strings.Cut(l.logs.String(), "device online")
				if strings.Contains(after, "device offline") {
					t.Errorf("retries %d: the device went offline:\n%s", retries, l.logs)
				}
			})
		}
	}
}

// A silent request is asked again with growing pauses; when it is answered, its tags are read at every poll again.
func TestSilentRequestIsTriedAgain(t *testing.T) {
	var healed atomic.Bool
	silent := silentTo(0)
	r := serve(t, func(q query) action {
		if healed.Load() {
			return action{send: q.right()}
		}
		return silent(q)
	})
	l := newSilentLane(t, r, 1, words(0, 1, 100))
	await := func(want seen) {
		t.Helper()
		for polls := 0; polls < 10_000; polls++ {
			if s := <-l.samples; s == want {
				return
			}
		}
		t.Fatalf("tag %d does not become %v", want.index, want.quality)
	}
	await(seen{0, mapping.BadTimeout})
	await(seen{1, mapping.BadTimeout})
	await(seen{1, mapping.Good}) // the other half
	healed.Store(true)
	for range 20 {
		await(seen{2, mapping.Good})
	}
	l.now.Add(1)
	await(seen{0, mapping.Good})
	l.end()
	if n := strings.Count(l.logs.String(), "request answered again"); n != 1 {
		t.Errorf("%d lines about the answer, want 1:\n%s", n, l.logs)
	}
}

// A unit that dies is offline after retries+1 requests, however many it is read with, and for its other ones no more
// than that are spent.
func TestDeadUnitOfManyRequests(t *testing.T) {
	var l *silentLane
	var dead, tooMany atomic.Bool
	var asked atomic.Int64
	r := serve(t, func(q query) action {
		if !dead.Load() {
			return action{send: q.right()}
		}
		if asked.Add(1) == 3 && l.lane.Devices()[0].State != drivers.Offline { // else it is a probe
			tooMany.Store(true)
		}
		return action{}
	})
	l = newSilentLane(t, r, 1, words(0, 100, 200, 300))
	for s := range l.samples {
		if s.index == 3 {
			break
		}
	}
	dead.Store(true)
	for s := range l.samples {
		if s.quality == mapping.BadTimeout {
			break
		}
	}
	l.end()
	if n := asked.Load(); n < 2 || tooMany.Load() {
		t.Errorf("%d requests to a dead unit, more than 2 before it is offline: %v", n, tooMany.Load())
	}
	if d := l.lane.Devices()[0]; d.BadTags != 4 || d.State != drivers.Offline {
		t.Errorf("device %+v, want offline", d)
	}
}
