package message

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

func cutter(t testing.TB, format, topic string) *Cutter {
	t.Helper()
	c, err := NewCutter(Options{Topic: template(topic), Syntax: MQTT, Format: format})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// mixed is rounds of several devices, cut into pieces of which those of different devices are mixed. The value of a
// sample is the number of its round.
func mixed(r *rand.Rand, devices, tags, rounds int) *sinks.View {
	var v sinks.View
	groups := make([]*mapping.Group, devices)
	for i := range groups {
		groups[i] = plant(fmt.Sprint("d", i), tags)
	}
	for round := range rounds {
		next := make([]int, devices)
		for left := devices; left > 0; {
			d := r.IntN(devices)
			n := min(1+r.IntN(3), tags-next[d])
			if n == 0 {
				continue
			}
			b := mapping.Batch{Group: groups[d]}
			for range n {
				b.Samples = append(b.Samples, mapping.Sample{Time: int64(round), Index: uint16(next[d]), Kind: mapping.Int, Bits: uint64(round)})
				next[d]++
			}
			if next[d] == tags {
				left--
			}
			v.Append(&b, nil)
		}
	}
	return &v
}

// cut is all messages of v, with memory of their own.
func cut(c *Cutter, v *sinks.View) []Message {
	var all []Message
	c.Begin(v)
	for {
		var m Message
		if !c.Next(&m) {
			return all
		}
		all = append(all, m)
	}
}

// TestEverySampleOnce cuts all kinds of views: spans are in order and without a gap, and each series has each of its values
// once, in order.
func TestEverySampleOnce(t *testing.T) {
	const tags, rounds = 5, 6
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		v := mixed(r, 1+r.IntN(4), tags, rounds)
		topic := []string{"{device}", "{device}/{label.area}", "{device}/{label.area}{tag}", "x"}[r.IntN(4)]
		c := cutter(t, "batch", topic)
		if r.IntN(2) == 0 {
			c.Limits = Limits{Size: 120 + r.IntN(300), Try: r.IntN(300)}
		}
		through, values := 0, map[string][]int{}
		for i, m := range cut(c, v) {
			if m.From < through || m.To < m.From || i == 0 && m.From != 0 {
				t.Fatalf("%s: message %d is of %d to %d after %d", topic, i, m.From, m.To, through)
			}
			through = m.To
			if m.Skip != 0 || c.Limits.Size > 0 && m.Size() > c.Limits.Size {
				t.Fatalf("%s: a message of %d bytes, skip %d, at most %d", topic, m.Size(), m.Skip, c.Limits.Size)
			}
			var o struct {
				Device string
				Values map[string]int
			}
			if err := json.Unmarshal(m.Payload, &o); err != nil || len(o.Values) != m.ID.Samples {
				t.Fatalf("%s of %d samples: %v", m.Payload, m.ID.Samples, err)
			}
			for tag, value := range o.Values {
				values[o.Device+"/"+tag] = append(values[o.Device+"/"+tag], value)
			}
		}
		if c.Done() != v.Len() {
			t.Fatalf("%s: %d of %d samples done", topic, c.Done(), v.Len())
		}
		for tag, got := range values {
			if !slices.Equal(got, []int{0, 1, 2, 3, 4, 5}) {
				t.Fatalf("%s: %s got %v", topic, tag, got)
			}
		}
	}
}

// TestWholeRounds has each round of each device be one message, whatever came in between, and what is refused with it be
// what is its own.
func TestWholeRounds(t *testing.T) {
	a, other := plant("a", 4), plant("b", 4)
	var v sinks.View
	for _, part := range []struct {
		g        *mapping.Group
		time     int64
		from, to int
	}{{a, 1, 0, 2}, {other, 1, 0, 4}, {a, 1, 2, 4}, {a, 2, 0, 4}} {
		b := &mapping.Batch{Group: part.g}
		for i := part.from; i < part.to; i++ {
			b.Samples = append(b.Samples, mapping.Sample{Time: part.time, Kind: mapping.Int, Index: uint16(i)})
		}
		v.Append(b, nil)
	}
	var got []string
	for _, m := range cut(cutter(t, "batch", "x"), &v) {
		got = append(got, fmt.Sprintf("%d to %d, %d samples, %d refused", m.From, m.To, m.ID.Samples, m.Refused()))
	}
	want := []string{"0 to 2, 4 samples, 2 refused", "2 to 6, 4 samples, 4 refused", "8 to 12, 4 samples, 4 refused"}
	if !slices.Equal(got, want) {
		t.Errorf("messages %q, want %q", got, want)
	}
}

// TestIDs has a message that was cut from another part of the view be known again, and no other be taken for it.
func TestIDs(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	v := mixed(r, 3, 5, 6)
	c := cutter(t, "batch", "{device}")
	first := cut(c, v)
	seen := map[ID]string{}
	for _, m := range first {
		if other, ok := seen[m.ID]; ok {
			t.Errorf("one ID for %s and %s", other, m.Payload)
		}
		seen[m.ID] = string(m.Payload)
	}
	for _, m := range first {
		rest := v.Slice(m.To, v.Len())
		for _, again := range cut(c, &rest) {
			if text, ok := seen[again.ID]; ok && text != string(again.Payload) {
				t.Errorf("%s has the ID of %s", again.Payload, text)
			}
		}
	}
}

func TestSkips(t *testing.T) {
	g := plant("d", 2)
	for i, s := range g.Series {
		s.Field, s.Kind = fmt.Sprint("f", i), mapping.Uint64
	}
	g = mapping.NewGroup(*g)
	var v sinks.View
	v.Append(&mapping.Batch{Group: g, Samples: []mapping.Sample{
		{Time: 1, Kind: mapping.Uint64, Bits: math.MaxUint64}, {Time: 1, Index: 1, Kind: mapping.Uint64, Bits: 1},
		{Time: 2}, {Time: 3, Kind: mapping.Uint64, Bits: 7},
	}}, nil)
	skips := func(c *Cutter) (all []Skip) {
		for _, m := range cut(c, &v) {
			all = append(all, m.Skip)
		}
		return all
	}
	c := cutter(t, "line", "x")
	if got, want := skips(c), []Skip{Unfit, 0, Empty, 0}; !slices.Equal(got, want) {
		t.Errorf("skips %v, want %v", got, want)
	}
	c.Limits.Size = 10
	if got, want := skips(c), []Skip{Unfit, TooLarge, Empty, TooLarge}; !slices.Equal(got, want) {
		t.Errorf("skips over %d bytes %v, want %v", c.Limits.Size, got, want)
	}
	c.Limits = Limits{Try: 10}
	if got, want := skips(c), []Skip{Unfit, 0, Empty, 0}; !slices.Equal(got, want) {
		t.Errorf("skips with tries %v, want %v", got, want)
	}
}

// TestLimitOfOneMessage cuts the message that begins with a sample, and no other.
func TestLimitOfOneMessage(t *testing.T) {
	v := mixed(rand.New(rand.NewPCG(5, 6)), 1, 8, 2)
	c := cutter(t, "batch", "x")
	second := cut(c, v)[1]
	c.Limits = Limits{Start: second.ID.Start, Samples: 3}
	var sizes []int
	for _, m := range cut(c, v) {
		sizes = append(sizes, m.ID.Samples)
	}
	if !slices.Equal(sizes, []int{8, 3, 5}) {
		t.Errorf("messages of %v samples", sizes)
	}
}

// BenchmarkNext cuts 5,000 samples, a hundred of a time.
func BenchmarkNext(b *testing.B) {
	for _, o := range [][2]string{{"json", "{device}/{tag}"}, {"value", "{device}/{tag}"}, {"batch", "{device}"}, {"line", "{device}/{label.area}"}} {
		b.Run(o[0], func(b *testing.B) {
			c := cutter(b, o[0], o[1])
			g := plant("boiler", 100)
			for _, s := range g.Series {
				s.Field = s.Tag
			}
			v := mixed(rand.New(rand.NewPCG(1, 1)), 1, 100, 50)
			v.Batches[0].Group = g
			var m Message
			b.ReportAllocs()
			for b.Loop() {
				c.Begin(v)
				for c.Next(&m) {
				}
			}
			b.ReportMetric(float64(v.Len())*float64(b.N)/b.Elapsed().Seconds(), "samples/s")
		})
	}
}
