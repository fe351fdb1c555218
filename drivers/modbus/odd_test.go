package modbus

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
)

// oddTransport is a wire without a socket: unit 1 is odd, all others answer.
type oddTransport struct {
	start  time.Time
	how    string
	odd    func(request) bool
	refuse func(request) Exception
	opens  []time.Duration
	asked  []request
	broken bool
	passed atomic.Int64 // what the test changes before it lets time pass is seen by the lane after
}

func (o *oddTransport) open(context.Context) error {
	o.passed.Load()
	o.opens = append(o.opens, time.Since(o.start))
	o.broken = false
	return nil
}

func (o *oddTransport) close() error { return nil }

func (o *oddTransport) exchange(ctx context.Context, r request, w wait) ([]byte, error) {
	o.passed.Load()
	o.asked = append(o.asked, r)
	switch {
	case o.broken:
		return nil, errors.New("used after it broke")
	case r.unit != 1:
	case o.odd != nil && o.odd(r) && o.how == "hangs up":
		o.broken = true
		return nil, io.EOF
	case o.odd != nil && o.odd(r) && o.how == "wrong":
		return nil, &drivers.NoAnswer{Quality: mapping.BadCommunicationError, Err: errors.New("wrong answer")}
	case o.odd != nil && o.odd(r):
		time.Sleep(w.limit)
		o.passed.Load()
		return nil, &drivers.NoAnswer{Quality: mapping.BadTimeout, Err: errors.New("no answer in time")}
	case o.refuse != nil && o.refuse(r) != 0:
		return nil, o.refuse(r)
	}
	return make([]byte, r.size()), nil
}

// odd is a lane that reads an odd unit 1 and, unless alone, an even unit 2.
type odd struct {
	tags   []*mapping.Tag
	limits Limits
	alone  bool

	retries int

	t    *oddTransport
	plan *Plan
	lane *drivers.Lane
	logs *strings.Builder
	sent []oddSample
	test *testing.T
}

type oddSample struct {
	at    time.Duration
	unit  int
	index int
	q     mapping.Quality
}

const oddTimeout = 500 * time.Millisecond

func newOdd(t *testing.T, how string, is func(request) bool, o odd) *odd {
	d := &o
	d.retries = 1
	d.test, d.logs = t, &strings.Builder{}
	d.t = &oddTransport{start: time.Now(), how: how, odd: is}
	d.plan = planOf(d.limits, d.tags...)
	return d
}

// job reads tags of the unit every second.
func (d *odd) job(unit int, p *Plan, tags []*mapping.Tag) *drivers.Job {
	series := make([]*mapping.Series, len(tags))
	for i, tag := range tags {
		series[i] = mapping.NewSeries(tag, mapping.NewSeriesTraits(tag, mapping.Compile(tag)))
	}
	name := []string{1: "odd", 2: "even"}[unit]
	group := mapping.NewGroup(mapping.Group{Device: name, UnitID: unit, Series: series})
	return &drivers.Job{
		Device: &drivers.Device{Name: name, UnitID: unit, Timeout: oddTimeout, Retries: d.retries},
		Group:  group, Period: time.Second, Work: p,
	}
}

func (d *odd) run() {
	log := slog.New(slog.NewTextHandler(d.logs, nil))
	d.lane = drivers.NewLane(newLink(LinkOptions{Log: log}, d.t), drivers.LaneOptions{Log: log, Append: func(b *mapping.Batch) error {
		d.t.passed.Load()
		for _, s := range b.Samples {
			d.sent = append(d.sent, oddSample{time.Since(d.t.start), b.Group.UnitID, int(s.Index), s.Quality})
		}
		return nil
	}})
	jobs := []*drivers.Job{d.job(1, d.plan, d.tags)}
	if !d.alone {
		tags := words(0)
		p := planOf(Limits{}, tags...)
		p.unit = 2
		jobs = append(jobs, d.job(2, p, tags))
	}
	d.lane.Apply(jobs)
	ctx, cancel := context.WithCancel(d.test.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		d.lane.Run(ctx)
	}()
	d.test.Cleanup(func() { cancel(); <-ended })
}

func (d *odd) pass(by time.Duration) {
	d.t.passed.Add(1)
	time.Sleep(by)
	synctest.Wait()
}

// pause is what one failing request may cost until the next one is tried.
func (d *odd) pause() time.Duration {
	switch {
	case d.t.how == "hangs up":
		return brokenPause + 2*time.Second
	case d.alone:
		return 2 * oddTimeout
	}
	return silentCost*oddTimeout + 2*time.Second
}

// of is the qualities of a tag of the unit, in order.
func (d *odd) of(unit, index int) (q []mapping.Quality) {
	for _, s := range d.sent {
		if s.unit == unit && s.index == index {
			q = append(q, s.q)
		}
	}
	return q
}

// wantNeighbour checks that unit 2 was good at every poll.
func (d *odd) wantNeighbour() {
	d.test.Helper()
	last := time.Duration(0)
	for _, s := range d.sent {
		if s.unit != 2 {
			continue
		}
		if s.q != mapping.Good || last > 0 && s.at-last > 2*time.Second {
			d.test.Fatalf("the other unit is %v at %v, after one at %v", s.q, s.at, last)
		}
		last = s.at
	}
	if last == 0 {
		d.test.Fatal("the other unit was not read")
	}
}

// storm is the most connections in any ten seconds.
func (d *odd) storm() (most int) {
	for i, first := range d.t.opens {
		n := 0
		for _, at := range d.t.opens[i:] {
			if at-first < 10*time.Second {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}
