package trend

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tagbridge/cmd/tagbridge/events"
	"tagbridge/mapping"
	"tagbridge/sinks/journal"
)

var base = time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)

// past is samples of one series.
type past struct {
	batch   mapping.Batch
	missing []journal.Missing
}

func pastOf(traits mapping.SeriesTraits) *past {
	return &past{batch: mapping.Batch{Group: mapping.NewGroup(mapping.Group{Device: "d", Series: []*mapping.Series{{Tag: "a/b", SeriesTraits: &traits}}})}}
}

func (p *past) Each(_ context.Context, yield func(*mapping.Batch, int) error) error {
	for i := range p.batch.Samples {
		if err := yield(&p.batch, i); err != nil {
			return err
		}
	}
	return nil
}

func (p *past) Missing() []journal.Missing { return p.missing }

func (p *past) From() time.Time { return base }

// put appends a sample that many seconds after base.
func (p *past) put(second float64, s mapping.Sample) *mapping.Sample {
	s.Time = base.Add(time.Duration(second * 1e9)).UnixNano()
	p.batch.Samples = append(p.batch.Samples, s)
	return &p.batch.Samples[len(p.batch.Samples)-1]
}

// shown is a line as a page reads it.
type shown struct {
	Tag, Unit string
	Since     time.Time
	Step      float64 `json:"step_seconds"`
	Points    [][5]json.RawMessage
	Gaps      []Gap
}

func (p *past) shown(t *testing.T, q Query, now time.Time) (s shown) {
	t.Helper()
	q.Tags = []string{"d/a/b"}
	lines, err := Read(t.Context(), p, q, now)
	if err != nil {
		t.Fatal(err)
	}
	text := lines[0].AppendJSON(nil)
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return s
}

// points are those of s in a few words.
func (s *shown) points() string {
	var all []string
	for _, p := range s.Points {
		at, _ := time.Parse(`"2006-01-02T15:04:05Z"`, string(p[0]))
		text := at.Sub(base).String()
		for _, field := range p[1:] {
			text += " " + strings.Trim(string(field), `"`)
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

// TestSamplesAsTheyAre has few samples of each kind.
func TestSamplesAsTheyAre(t *testing.T) {
	for _, c := range []struct {
		kind   mapping.Kind
		exp    int8
		bits   uint64
		points string
	}{
		{mapping.Int64, 0, 1<<53 + 1, "1s 9007199254740993 9007199254740993 9007199254740993 Good"},
		{mapping.Uint64, 0, math.MaxUint64, "1s 18446744073709551615 18446744073709551615 18446744073709551615 Good"},
		{mapping.Bool, 0, 1, "1s 1 1 1 Good"},
		{mapping.F32, 0, uint64(math.Float32bits(23.1)), "1s 23.1 23.1 23.1 Good"},
		{mapping.Dec, -1, 231, "1s 23.1 23.1 23.1 Good"},
		{mapping.None, 0, 0, "1s null null null BadTimeout"},
	} {
		p := pastOf(mapping.SeriesTraits{Unit: "kW", Kind: c.kind, Exp: c.exp})
		s := p.put(1, mapping.Sample{Kind: c.kind, Bits: c.bits})
		if c.kind == mapping.None {
			s.Quality = mapping.BadTimeout
		}
		got := p.shown(t, Query{}, base.Add(time.Minute))
		if got.points() != c.points || got.Step != 0 || got.Unit != "kW" || got.Tag != "d/a/b" || !got.Since.Equal(base) {
			t.Errorf("kind %v: %+v, want %s", c.kind, got, c.points)
		}
	}
	p := pastOf(mapping.SeriesTraits{Kind: mapping.Text})
	for i, text := range []string{"on", "off \"x\"", strings.Repeat("ä", 500)} {
		p.batch.PutText(p.put(float64(i), mapping.Sample{}), []byte(text))
	}
	got := p.shown(t, Query{}, base.Add(time.Minute))
	if want := `0s on on on Good, 1s off \"x\ off \"x\ off \"x\ Good`; !strings.HasPrefix(got.points(), want) || len(got.points()) > 2000 {
		t.Errorf("texts: %s", got.points())
	}
	got = p.shown(t, Query{Points: 1}, base.Add(time.Minute))
	if !strings.HasPrefix(got.points(), "0s on null ää") {
		t.Errorf("texts of a minute: %s", got.points())
	}
}

// TestStretches compares stretches of time with what is in them.
func TestStretches(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		p := pastOf(mapping.SeriesTraits{Kind: mapping.Int64})
		q := Query{Points: 1 + r.IntN(50), Since: base, Until: base.Add(time.Duration(1+r.IntN(5000)) * time.Second)}
		n := q.Points + 1 + r.IntN(500)
		var times []float64
		for range n {
			times = append(times, r.Float64()*q.Until.Sub(base).Seconds())
		}
		slices.Sort(times)
		for _, at := range times {
			s := mapping.Sample{Kind: mapping.Int64, Bits: uint64(r.Int64N(2000) - 1000)}
			switch r.IntN(10) {
			case 0:
				s = mapping.Sample{Quality: mapping.BadTimeout}
			case 1:
				s.Quality = mapping.UncertainUnitsExceeded
			}
			p.put(at, s)
		}
		got := p.shown(t, q, q.Until)
		if len(got.Points) > q.Points || got.Step <= 0 {
			t.Fatalf("%d points of %d, step %v", len(got.Points), q.Points, got.Step)
		}
		used := 0
		for _, point := range got.Points {
			at, _ := time.Parse(`"2006-01-02T15:04:05Z"`, string(point[0]))
			least, most, sum, count, worst := math.Inf(1), math.Inf(-1), 0.0, 0, "Good"
			for i := range p.batch.Samples {
				s := &p.batch.Samples[i]
				if off := s.Time - at.UnixNano(); off < 0 || off >= int64(math.Round(got.Step*1e9)) {
					continue
				}
				used++
				if s.Quality.IsBad() || s.Quality.IsUncertain() && worst == "Good" {
					worst = s.Quality.String()
				}
				if s.Kind != mapping.None {
					v := float64(int64(s.Bits))
					least, most, sum, count = min(least, v), max(most, v), sum+v, count+1
				}
			}
			var low, mean, high *float64
			for i, to := range []**float64{&low, &mean, &high} {
				if err := json.Unmarshal(point[1+i], to); err != nil {
					t.Fatal(err)
				}
			}
			if string(point[4]) != `"`+worst+`"` || (low == nil) != (count == 0) {
				t.Fatalf("%s: quality %s, %d values", point, worst, count)
			}
			if count > 0 && (*low != least || *high != most || math.Abs(*mean-sum/float64(count)) > 1e-9) {
				t.Fatalf("%s: want %v %v %v", point, least, sum/float64(count), most)
			}
		}
		if used != n {
			t.Fatalf("%d of %d samples are in a point", used, n)
		}
	}
}

// TestGaps has each kind of them.
func TestGaps(t *testing.T) {
	p := pastOf(mapping.SeriesTraits{Kind: mapping.Int64})
	good, bad := mapping.Sample{Kind: mapping.Int64}, mapping.Sample{Quality: mapping.BadTimeout}
	for _, at := range []float64{0, 1, 2, 30, 31, 32} {
		p.put(at, good)
	}
	for _, at := range []float64{33, 34, 60} {
		p.put(at, bad)
	}
	p.put(61, mapping.Sample{Quality: mapping.BadOutOfRange})
	p.put(70, good)
	p.put(71, good)
	p.missing = []journal.Missing{{Until: base, Reason: journal.MissingOlder}}
	q := Query{Period: func(device, tag string) time.Duration {
		if device != "d" || tag != "a/b" {
			t.Errorf("asked for the period of %s/%s", device, tag)
		}
		return time.Second
	}}
	seconds := func(list []Gap) (text string) {
		for _, g := range list {
			from := "-"
			if g.Since != nil {
				from = g.Since.Sub(base).String()
			}
			text += from + " " + g.Until.Sub(base).String() + " " + g.Reason + "\n"
		}
		return text
	}
	want := "- 0s before the oldest that the journal has\n2s 30s nothing read\n33s 1m1s tag bad: BadTimeout\n" +
		"1m1s 1m10s tag bad: BadOutOfRange\n1m11s 2m0s nothing read\n"
	if got := seconds(p.shown(t, q, base.Add(2*time.Minute)).Gaps); got != want {
		t.Errorf("gaps\n%swant\n%s", got, want)
	}
	q.Tags = []string{"d/a/b"}
	lines, err := Read(t.Context(), p, q, base.Add(2*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	at := func(second int) time.Time { return base.Add(time.Duration(second) * time.Second) }
	Explain(lines, []events.Event{
		{Time: at(-600), Kind: events.Start}, {Time: at(-500), Kind: events.DeviceOffline, Device: "other"},
		{Time: at(20), Kind: events.Start}, {Time: at(35), Kind: events.DeviceOffline, Device: "d"}, {Time: at(62), Kind: events.DeviceOnline, Device: "d"},
	})
	want = "- 0s before the oldest that the journal has\n2s 30s bridge off\n33s 1m1s device offline\n1m1s 1m10s device offline\n1m11s 2m0s nothing read\n"
	if got := seconds(lines[0].Gaps); got != want {
		t.Errorf("explained\n%swant\n%s", got, want)
	}
}
