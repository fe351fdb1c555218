package derived

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
	"tagbridge/mapping/formula"
)

// plantGroup is a device with a number a and a text b.
func plantGroup(device string) *mapping.Group {
	series := func(name string, kind mapping.Kind) *mapping.Series {
		return &mapping.Series{Tag: name, SeriesTraits: &mapping.SeriesTraits{Kind: kind}}
	}
	return mapping.NewGroup(mapping.Group{Device: device, Series: []*mapping.Series{series("a", mapping.Int), series("b", mapping.Text)}})
}

// jobOf is a job of a device named device, with a tag x that is computed by text of plant/a, a number, and plant/b, a text.
func jobOf(t testing.TB, device, text string, byChange bool) *drivers.Job {
	t.Helper()
	types := map[string]formula.Type{"plant/a": formula.Number, "plant/b": formula.Text}
	f, err := formula.Compile(text, formula.Scope{Find: func(name string) (formula.Name, bool) {
		typ, ok := types[name]
		return formula.Name{Name: name, Type: typ}, ok
	}})
	if err != nil {
		t.Fatal(err)
	}
	traits := &mapping.Traits{Poll: time.Second, Type: mapping.TypeFloat64}
	if f.Type() == formula.Text {
		traits.Type = mapping.TypeString
	}
	tag := &mapping.Tag{Name: "x", Traits: traits, Computed: &mapping.Computed{Expr: text, Value: f}}
	codec := mapping.Compile(tag)
	g := mapping.NewGroup(mapping.Group{Device: device, Series: []*mapping.Series{mapping.NewSeries(tag, mapping.NewSeriesTraits(tag, codec))}})
	v := drivers.NewDerivedValues(device, []*mapping.Tag{tag})
	return &drivers.Job{
		Device: &drivers.Device{Name: device, Timeout: time.Second}, Group: g, Period: time.Hour, Work: &Plan{ByChange: byChange},
		Compute: drivers.NewCompute(v, g, []*mapping.Tag{tag}, []*mapping.Codec{codec}),
	}
}

// read is a batch of g: a, and b where text is not "".
func read(g *mapping.Group, a int64, text string, at int64) *mapping.Batch {
	b := &mapping.Batch{Group: g, Samples: []mapping.Sample{{Time: at, Kind: mapping.Int, Bits: uint64(a), Index: 0}}}
	if text != "" {
		s := mapping.Sample{Time: at, Index: 1}
		b.PutText(&s, []byte(text))
		b.Samples = append(b.Samples, s)
	}
	return b
}

// lane runs jobs on a link of h, and keeps what it has read.
type lane struct {
	*drivers.Lane
	mu   sync.Mutex
	got  []string
	news chan struct{}
}

func runLane(t *testing.T, h *Hub, jobs ...*drivers.Job) *lane {
	l := &lane{news: make(chan struct{}, 1)}
	l.Lane = drivers.NewLane(NewLink(h, ""), drivers.LaneOptions{Heard: h.Heard, Append: func(b *mapping.Batch) error {
		l.mu.Lock()
		defer l.mu.Unlock()
		for i := range b.Samples {
			if s := &b.Samples[i]; !b.Group.Own {
				l.got = append(l.got, fmt.Sprintf("%s %s %v", b.Group.Device, mapping.AppendJSONValue(nil, b.Group.Series[s.Index], s, text(b, s)), s.Time))
			}
		}
		select {
		case l.news <- struct{}{}:
		default:
		}
		return nil
	}})
	l.Apply(jobs)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); l.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	if err := l.Applied(t.Context()); err != nil {
		t.Fatal(err)
	}
	return l
}

func text(b *mapping.Batch, s *mapping.Sample) []byte {
	if s.Kind != mapping.Text {
		return nil
	}
	return b.Text(s)
}

// next waits for a sample that was not taken yet, and takes it.
func (l *lane) next(t *testing.T) string {
	t.Helper()
	for {
		l.mu.Lock()
		if len(l.got) > 0 {
			one := l.got[0]
			l.got = l.got[1:]
			l.mu.Unlock()
			return one
		}
		l.mu.Unlock()
		select {
		case <-l.news:
		case <-time.After(2 * time.Minute):
			t.Fatal("nothing was computed")
		}
	}
}

func nothing(func(*mapping.Batch)) {}

// TestComputesWhatItHears has values of other groups, of tags that nobody names, and the same time twice.
func TestComputesWhatItHears(t *testing.T) {
	asked := make(chan struct{}, 10) // once a job is heard for, what is there is asked for
	h := NewHub(func(func(*mapping.Batch)) { asked <- struct{}{} })
	h.Heard(read(plantGroup("plant"), 1, "x", 1)) // nobody listens yet
	l := runLane(t, h, jobOf(t, "sum", "plant/a * 2", true), jobOf(t, "word", "plant/b == 'on' ? 'runs' : plant/b", true))
	for range 2 {
		select {
		case <-asked:
		case <-time.After(2 * time.Minute):
			t.Fatal("nobody hears anything")
		}
	}
	plant, other := plantGroup("plant"), plantGroup("other")
	h.Heard(read(other, 9, "on", 5))
	h.Heard(read(plant, 4, "", 10))
	if got := l.next(t); got != "sum 8.0 10" {
		t.Errorf("of a alone: %s", got)
	}
	h.Heard(read(plant, 4, "on", 10)) // the same again, and b
	if got := l.next(t); got != `word "runs" 10` && got != "sum 8.0 10" {
		t.Errorf("with b: %s", got)
	}
	h.Heard(read(plant, 5, "off", 20))
	for want := map[string]bool{"sum 10.0 20": true, `word "off" 20`: true}; len(want) > 0; {
		delete(want, l.next(t))
	}
}

// TestBeginsWithWhatIsThere has a job that is new learn what was read before, but not over what was read since.
func TestBeginsWithWhatIsThere(t *testing.T) {
	plant := plantGroup("plant")
	var h *Hub
	h = NewHub(func(yield func(*mapping.Batch)) {
		h.Heard(read(plant, 7, "", 70)) // while the present values are being looked at, one is read
		yield(read(plant, 6, "old", 60))
	})
	l := runLane(t, h, jobOf(t, "sum", "plant/a * 2", true))
	if got := l.next(t); got != "sum 14.0 70" {
		t.Errorf("computed %s", got)
	}
}

// TestIsClosed uses a link before Open and after Close, where nothing of what was heard is kept.
func TestIsClosed(t *testing.T) {
	h := NewHub(nothing)
	l := NewLink(h, "")
	j := jobOf(t, "sum", "plant/a", true)
	var b mapping.Batch
	b.Reset(j.Group)
	for range 2 {
		if _, err := l.Do(t.Context(), j, 0, &b); !errors.Is(err, drivers.ErrClosed) {
			t.Errorf("Do: %v", err)
		}
		if _, err := l.Wait(t.Context(), &b); !errors.Is(err, drivers.ErrClosed) {
			t.Errorf("Wait: %v", err)
		}
		l.Drop(j)
		if err := l.Open(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Do(t.Context(), j, 0, &b); err != nil {
			t.Error(err)
		}
		h.Heard(read(plantGroup("plant"), 1, "", 1))
		if got, err := l.Wait(t.Context(), &b); got != j || err != nil {
			t.Errorf("Wait: %v, %v", got, err)
		}
		if err := l.Close(); err != nil || h.wanted.Load() != nil || len(l.ear.list) > 0 {
			t.Errorf("after Close %v, wanted %v, %d batches", err, h.wanted.Load(), len(l.ear.list))
		}
	}
	if err := l.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if j, err := l.Wait(ctx, &b); j != nil || err != nil {
		t.Errorf("Wait after its end: %v, %v", j, err)
	}
	if _, err := l.Do(t.Context(), &drivers.Job{}, 0, &b); err == nil {
		t.Error("a job of another driver is computed")
	}
}

// TestHearingIsBounded has nobody take what is heard.
func TestHearingIsBounded(t *testing.T) {
	h := NewHub(nothing)
	l := NewLink(h, "")
	if err := l.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	j := jobOf(t, "sum", "plant/a", true)
	var b mapping.Batch
	b.Reset(j.Group)
	if _, err := l.Do(t.Context(), j, 0, &b); err != nil {
		t.Fatal(err)
	}
	g := plantGroup("plant")
	for i := range 3 * mostHeard {
		h.Heard(read(g, int64(i), "", int64(i)))
	}
	if n := len(l.ear.list); n > mostHeard {
		t.Errorf("%d batches are kept", n)
	}
	if _, err := l.Do(t.Context(), j, 0, &b); err != nil {
		t.Fatal(err)
	}
	if in := j.Compute.Values().Input("plant/a"); in.Time != 3*mostHeard-1 {
		t.Errorf("the newest value is of %d", in.Time)
	}
}

// TestJobsComeAndGo has lanes read while jobs are applied and dropped.
func TestJobsComeAndGo(t *testing.T) {
	h := NewHub(nothing)
	l := runLane(t, h, jobOf(t, "sum", "plant/a", true))
	stop := make(chan struct{})
	var all sync.WaitGroup
	for range 3 {
		g := plantGroup("plant")
		all.Go(func() {
			for i := int64(1); ; i++ {
				select {
				case <-stop:
					return
				default:
					h.Heard(read(g, i, "text", i))
				}
			}
		})
	}
	for i := range 20 {
		jobs := []*drivers.Job{jobOf(t, "sum", "plant/a", true)}
		if i%2 == 1 {
			jobs = append(jobs, jobOf(t, "word", "plant/b", i%4 == 1))
		}
		l.Apply(jobs)
		if err := l.Applied(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	all.Wait()
	l.Apply(nil)
	if err := l.Applied(t.Context()); err != nil {
		t.Fatal(err)
	}
	if h.wanted.Load() != nil {
		t.Error("without a job something is heard")
	}
}

// BenchmarkHeard passes on 500 samples, none of which is wanted, and then three.
func BenchmarkHeard(b *testing.B) {
	h := NewHub(nothing)
	l := NewLink(h, "")
	if err := l.Open(b.Context()); err != nil {
		b.Fatal(err)
	}
	j := jobOf(b, "sum", "plant/a", false)
	var out mapping.Batch
	out.Reset(j.Group)
	if _, err := l.Do(b.Context(), j, 0, &out); err != nil {
		b.Fatal(err)
	}
	for _, device := range []string{"other", "plant"} {
		b.Run(device, func(b *testing.B) {
			in := read(plantGroup(device), 1, "", 1)
			for range 499 {
				in.Samples = append(in.Samples, mapping.Sample{Index: 1, Kind: mapping.Int})
			}
			b.ReportAllocs()
			for b.Loop() {
				h.Heard(in)
				l.listen()
			}
		})
	}
}
