package modbus

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
)

// seen is a sample as a lane delivers it.
type seen struct {
	index   uint16
	quality mapping.Quality
}

// runLane reads tags of unit 1 at r every ten milliseconds. The samples arrive in the channel until it is full.
func runLane(t *testing.T, r *responder, tags []*mapping.Tag) <-chan seen {
	t.Helper()
	noon := time.Unix(1_800_000_000, 0) // stands still: nothing becomes due by itself
	link, err := NewLink(LinkOptions{
		Transport: "tcp", Address: r.addr, Timeout: long, Now: func() time.Time { return noon },
	})
	if err != nil {
		t.Fatal(err)
	}
	codecs := make([]*mapping.Codec, len(tags))
	series := make([]*mapping.Series, len(tags))
	rules := make([]mapping.Rule, len(tags))
	for i, tag := range tags {
		codecs[i] = mapping.Compile(tag)
		series[i] = mapping.NewSeries(tag, mapping.NewSeriesTraits(tag, codecs[i]))
		rules[i] = mapping.RuleOf(tag)
	}
	group := mapping.NewGroup(mapping.Group{Device: "boiler", UnitID: 1, Series: series})
	samples := make(chan seen, 10_000)
	lane := drivers.NewLane(link, drivers.LaneOptions{Append: func(b *mapping.Batch) error {
		for _, s := range b.Samples {
			select {
			case samples <- seen{s.Index, s.Quality}:
			default:
			}
		}
		return nil
	}})
	lane.Apply([]*drivers.Job{{
		Device: &drivers.Device{Name: "boiler", UnitID: 1, Timeout: long},
		Group:  group,
		Filter: mapping.NewFilter(group, rules),
		Period: 10 * time.Millisecond,
		Work:   NewPlan(tags, codecs, 1, Limits{}),
	}})
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { lane.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	return samples
}

// TestRefusedTagOnALane is the whole of it: the other tags at every poll on one connection, the refused tag once bad,
// tried again after the connection was lost, then good.
func TestRefusedTagOnALane(t *testing.T) {
	var legal, hangUp atomic.Bool
	r := serve(t, func(q query) action {
		switch {
		case hangUp.CompareAndSwap(true, false):
			return action{hangUp: true}
		case !legal.Load() && illegal(IllegalDataAddress, 5)(q.request) != 0:
			return action{send: q.exception(IllegalDataAddress)}
		}
		return action{send: q.right()}
	})
	samples := runLane(t, r, words(0, 1, 2, 3, 4, 5, 6, 7))
	polls, refused := 0, 0
	for s := range samples {
		switch {
		case s.index == 7 && s.quality == mapping.Good:
			polls++
		case s.index == 5 && s.quality == mapping.BadConfigurationError:
			refused++
		default:
			if s.index == 5 || s.quality != mapping.Good {
				t.Fatalf("tag %d is %v", s.index, s.quality)
			}
		}
		if polls == 10 {
			break
		}
	}
	if n := r.conns.Load(); n != 1 || refused != 1 {
		t.Errorf("%d connections, %d samples of the refused tag, want one of each", n, refused)
	}
	legal.Store(true)
	hangUp.Store(true)
	for polls := 0; ; {
		s := <-samples
		if s.index == 5 && s.quality == mapping.Good {
			break
		}
		if s.index == 7 {
			polls++
		}
		if polls == 500 {
			t.Fatal("the refused tag is not tried again after a reconnect")
		}
		if s.index != 5 && s.quality != mapping.Good {
			t.Fatalf("tag %d is %v: a lost connection that comes back at once costs no sample", s.index, s.quality)
		}
	}
	if n := r.conns.Load(); n != 2 {
		t.Errorf("%d connections, want 2", n)
	}
}

func TestLogsChangesOnce(t *testing.T) {
	var legal atomic.Bool
	r := serve(t, always(func(q query) []byte {
		switch {
		case legal.Load():
			return q.right()
		case q.function == readInput:
			return q.exception(IllegalFunction)
		case illegal(IllegalDataAddress, 1)(q.request) != 0:
			return q.exception(IllegalDataAddress)
		}
		return q.right()
	}))
	var out bytes.Buffer
	now := time.Unix(1_800_000_000, 0)
	link, err := NewLink(LinkOptions{
		Transport: "tcp", Address: r.addr, Timeout: long, Now: func() time.Time { return now },
		Log: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}})),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := link.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer link.Close()
	l := on(t, link, long, append(words(0, 1, 2), inTable(mapping.Input, 3), inTable(mapping.Input, 4))...)
	for range 3 {
		l.poll()
		now = now.Add(firstPause)
	}
	legal.Store(true)
	now = now.Add(lastPause)
	for range 3 {
		l.poll()
	}
	want := []string{
		`level=WARN msg="tag refused" device=device tag="uint16 1" source=map.csv:3 err="map.csv:3: illegal data address (exception 2): unit 1, function 3, holding 1"`,
		`level=WARN msg="function not supported" device=device function=4 err="illegal function (exception 1): unit 1, function 4, input 3-4"`,
		`level=INFO msg="tag answered again" device=device tag="uint16 1" source=map.csv:3`,
		`level=INFO msg="function supported again" device=device function=4`,
	}
	if got := strings.TrimSpace(out.String()); got != strings.Join(want, "\n") {
		t.Errorf("log:\n%s\nwant:\n%s", got, strings.Join(want, "\n"))
	}
}

// Raw and Err are asked for by others while the lane polls; the race detector looks on.
func TestLookedAtWhilePolled(t *testing.T) {
	p := planOf(Limits{}, words(0, 1, 2, 3)...)
	u := newUnit()
	u.refuse = illegal(IllegalDataAddress, 2)
	stop := make(chan struct{})
	var looking sync.WaitGroup
	looking.Go(func() {
		var raw []byte
		for {
			select {
			case <-stop:
				return
			default:
			}
			for i := range p.tags {
				raw = p.Raw(raw[:0], i)
				p.Err(i)
			}
			p.Requests()
		}
	})
	for range 300 {
		u.poll(t, p)
		u.now = u.now.Add(time.Second)
	}
	close(stop)
	looking.Wait()
}
