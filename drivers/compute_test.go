package drivers

import (
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/formula"
)

// formulaOf compiles text over tags of these names, all numbers but those that begin with b.
func formulaOf(t *testing.T, text string, names ...string) *formula.Formula {
	t.Helper()
	f, err := formula.Compile(text, formula.Scope{Find: func(name string) (formula.Name, bool) {
		for _, n := range names {
			if n == name {
				return formula.Name{Name: n, Type: formula.Number}, true
			}
		}
		return formula.Name{}, false
	}})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// computeRig is a job of the tags raw and state, which are read, valid, which is raw judged, and sum, which is computed.
func computeRig(t *testing.T, pushed bool) (*Compute, *mapping.Group) {
	t.Helper()
	traits := &mapping.Traits{Poll: time.Second, Type: mapping.TypeUint16}
	tags := []*mapping.Tag{
		{Name: "raw", Traits: traits, Computed: &mapping.Computed{ValidIf: "state == 4", Valid: formulaOf(t, "state == 4", "state")}},
		{Name: "state", Traits: traits},
		{Name: "sum", Traits: &mapping.Traits{Poll: time.Second, Type: mapping.TypeFloat64},
			Computed: &mapping.Computed{Expr: "raw * 2", Value: formulaOf(t, "raw * 2", "raw")}},
	}
	var series []*mapping.Series
	for _, tag := range tags {
		series = append(series, mapping.NewSeries(tag, mapping.NewSeriesTraits(tag, mapping.Compile(tag))))
	}
	g := mapping.NewGroup(mapping.Group{Device: "d", Series: series})
	return NewCompute(NewValues(tags, pushed), g, tags, []*mapping.Codec{mapping.Compile(tags[2])}), g
}

func sampleOf(index uint16, v uint64, at int64) mapping.Sample {
	return mapping.Sample{Time: at, Bits: v, Kind: mapping.Uint, Index: index}
}

func TestComputeJudgesAtTheEndOfARound(t *testing.T) {
	c, g := computeRig(t, false)
	var b mapping.Batch
	round := func(raw, state uint64, at int64) map[string]mapping.Sample {
		b.Reset(g)
		b.Samples = append(b.Samples, sampleOf(0, raw, at))
		c.take(&b, 0, at)
		if len(b.Samples) != 0 {
			t.Error("raw is sent before it can be judged")
		}
		b.Reset(g) // the batch was flushed between exchanges
		b.Samples = append(b.Samples, sampleOf(1, state, at))
		c.take(&b, 0, at)
		c.finish(&b, at)
		got := map[string]mapping.Sample{}
		for _, s := range b.Samples {
			got[g.Series[s.Index].Tag] = s
		}
		if len(got) != 3 || len(b.Samples) != 3 {
			t.Errorf("%d samples of %d tags, want one of each of 3", len(b.Samples), len(got))
		}
		return got
	}
	got := round(10, 4, 1e9)
	if s := got["raw"]; s.Quality != mapping.Good || s.Bits != 10 {
		t.Errorf("raw is %+v", s)
	}
	if s := got["sum"]; s.Quality != mapping.Good || s.Kind != mapping.F64 || s.Time != 1e9 {
		t.Errorf("sum is %+v", s)
	}
	got = round(0, 3, 2e9)
	for _, name := range []string{"raw", "sum"} {
		if s := got[name]; s.Quality != mapping.BadNoData || s.Kind != mapping.None {
			t.Errorf("%s of a poll that is not valid is %+v", name, s)
		}
	}
	if why := c.err(0); why != "valid_if does not hold" {
		t.Errorf("raw is bad because: %q", why)
	}
	if why := c.err(2); why != "raw is BadNoData" {
		t.Errorf("sum is bad because: %q", why)
	}
	if s := round(20, 4, 3e9)["sum"]; s.Quality != mapping.Good {
		t.Errorf("sum is %+v again", s)
	}
	if why := c.err(0) + c.err(2); why != "" {
		t.Errorf("good tags are bad because: %q", why)
	}
}

func TestComputeJudgesPushedValuesAgain(t *testing.T) {
	c, g := computeRig(t, true)
	var b mapping.Batch
	push := func(s mapping.Sample) map[string]mapping.Quality {
		b.Reset(g)
		b.Samples = append(b.Samples, s)
		c.take(&b, 0, s.Time)
		c.again()
		c.finish(&b, s.Time)
		got := map[string]mapping.Quality{}
		for _, s := range b.Samples {
			got[g.Series[s.Index].Tag] = s.Quality
		}
		return got
	}
	if got := push(sampleOf(0, 7, 1e9)); got["raw"] != mapping.BadNoData {
		t.Errorf("raw is %v before its state is known", got["raw"])
	}
	if got := push(sampleOf(1, 4, 2e9)); got["raw"] != mapping.Good || got["sum"] != mapping.Good {
		t.Errorf("when the state comes: %v", got)
	}
	if got := push(sampleOf(1, 1, 3e9)); got["raw"] != mapping.BadNoData || got["sum"] != mapping.BadNoData {
		t.Errorf("when the state is another: %v", got)
	}
}

func TestComputeAllocatesNothing(t *testing.T) {
	c, g := computeRig(t, false)
	var b mapping.Batch
	at := int64(1e9)
	n := testing.AllocsPerRun(100, func() {
		at += 1e9
		b.Reset(g)
		b.Samples = append(b.Samples, sampleOf(0, 10, at), sampleOf(1, 4, at))
		c.take(&b, 0, at)
		c.finish(&b, at)
	})
	if n != 0 {
		t.Errorf("%v allocations a round", n)
	}
}
