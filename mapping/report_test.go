package mapping

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

const second = int64(time.Second)

// bench of one filter: samples go in as events, what is sent comes out as text.
type filterRig struct {
	f *Filter
	b Batch
}

func newRig(exp int8, rules ...Rule) *filterRig {
	g := Group{Device: "d"}
	for i := range rules {
		g.Series = append(g.Series, &Series{Tag: fmt.Sprint("t", i), SeriesTraits: &SeriesTraits{Exp: exp}})
	}
	group := NewGroup(g)
	r := &filterRig{f: NewFilter(group, rules)}
	r.b.Reset(group)
	return r
}

// apply offers one sample of tag 0 at second at: a number, "text", or a bad quality.
func (r *filterRig) apply(at float64, value any, q Quality) string {
	r.b.Reset(r.f.group)
	s := Sample{Time: int64(at * float64(second)), Quality: q, Flags: ShowQuality}
	switch v := value.(type) {
	case int:
		s.Kind, s.Bits = Int, uint64(v)
	case int64:
		s.Kind, s.Bits = Int64, uint64(v)
	case uint64:
		s.Kind, s.Bits = Uint64, v
	case float32:
		s.Kind, s.Bits = F32, uint64(math.Float32bits(v))
	case float64:
		s.Kind, s.Bits = F64, math.Float64bits(v)
	case Decimal:
		s.Kind, s.Bits = Dec, uint64(v.Mant)
	case string:
		r.b.PutText(&s, []byte(v))
	}
	r.b.Samples = append(r.b.Samples, s)
	r.f.Apply(&r.b)
	return r.sent()
}

func (r *filterRig) repeat(at float64) string {
	r.b.Reset(r.f.group)
	r.f.Repeat(int64(at*float64(second)), &r.b)
	return r.sent()
}

// sent is the batch as "time value quality", with a ! when the quality is shown.
func (r *filterRig) sent() string {
	var out []string
	for i := range r.b.Samples {
		s := &r.b.Samples[i]
		text := fmt.Sprintf("%gs %s", float64(s.Time)/float64(second), show(s, &r.b, r.f.group.Series[s.Index].Exp))
		if s.Flags&ShowQuality != 0 {
			text += "!"
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// expect compares one step.
func expect(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: sent %q, want %q", what, got, want)
	}
}

func TestReportAll(t *testing.T) {
	r := newRig(0, Rule{})
	expect(t, "first", r.apply(0, 5, Good), "0s 5 Int Good")
	expect(t, "the same", r.apply(1, 5, Good), "1s 5 Int Good")
	expect(t, "clamped", r.apply(2, 5, GoodClamped), "2s 5 Int GoodClamped!")
	expect(t, "good again", r.apply(3, 5, Good), "3s 5 Int Good!")
	expect(t, "good still", r.apply(4, 5, Good), "4s 5 Int Good")
	expect(t, "info bits do not show", r.apply(5, 5, Good|0x480), "5s 5 Int Good")
	expect(t, "bad", r.apply(6, nil, BadTimeout), "6s null None BadTimeout!")
	expect(t, "bad still", r.apply(7, nil, BadTimeout), "")
	expect(t, "bad otherwise", r.apply(8, nil, BadNotConnected), "8s null None BadNotConnected!")
	expect(t, "bad with other info bits", r.apply(9, nil, BadNotConnected|1), "")
	expect(t, "bad after 15 minutes", r.apply(908, nil, BadNotConnected), "908s null None BadNotConnected!")
	expect(t, "bad after 16 minutes", r.apply(968, nil, BadNotConnected), "")
	expect(t, "good", r.apply(969, 5, Good), "969s 5 Int Good!")
	expect(t, "good still", r.apply(970, 5, Good), "970s 5 Int Good")
	expect(t, "uncertain", r.apply(971, 5, UncertainUnitsExceeded), "971s 5 Int UncertainEngineeringUnitsExceeded!")
	expect(t, "uncertain still", r.apply(972, 5, UncertainUnitsExceeded), "972s 5 Int UncertainEngineeringUnitsExceeded!")
}

func TestReportChange(t *testing.T) {
	r := newRig(0, Rule{Report: ReportChange, Heartbeat: 10 * time.Second})
	expect(t, "first", r.apply(0, 5, Good), "0s 5 Int Good")
	expect(t, "the same", r.apply(1, 5, Good), "")
	expect(t, "another", r.apply(2, 6, Good), "2s 6 Int Good")
	expect(t, "the same, clamped", r.apply(3, 6, GoodClamped), "3s 6 Int GoodClamped!")
	expect(t, "still clamped", r.apply(4, 6, GoodClamped), "")
	expect(t, "no longer", r.apply(5, 6, Good), "5s 6 Int Good!")
	expect(t, "before the heartbeat", r.apply(14, 6, Good), "")
	expect(t, "just before the heartbeat", r.apply(14.9, 6, Good), "14.9s 6 Int Good")
	expect(t, "bad", r.apply(15, nil, BadNoData), "15s null None BadNoData!")
	expect(t, "bad before the heartbeat", r.apply(24, nil, BadNoData), "")
	expect(t, "bad heartbeat", r.apply(25, nil, BadNoData), "25s null None BadNoData!")
	expect(t, "another kind", r.apply(26, 6.0, Good), "26s 6.0 F64 Good!")
	expect(t, "clock set back", r.apply(20, 6.0, Good), "20s 6.0 F64 Good")
}

func TestReportChangeOfText(t *testing.T) {
	r := newRig(0, Rule{Report: ReportChange})
	expect(t, "first", r.apply(0, "idle", Good), "0s idle Text Good")
	expect(t, "the same", r.apply(1, "idle", Good), "")
	expect(t, "another", r.apply(2, "busy", Good), "2s busy Text Good")
	expect(t, "none", r.apply(3, "", Good), "3s  Text Good")
	expect(t, "still none", r.apply(4, "", Good), "")
}

func TestDeadband(t *testing.T) {
	for _, c := range []struct {
		name     string
		exp      int8
		band     float64
		last, at any
		sent     bool
	}{
		{"int within", 0, 5, 10, 15, false},
		{"int beyond", 0, 5, 10, 16, true},
		{"int below", 0, 5, -10, -16, true},
		{"int by less than one", 0, 0.5, 10, 11, true},
		{"int of opposite ends", 0, 5, int64(math.MinInt64), int64(math.MaxInt64), true},
		{"uint64", 0, 5, uint64(math.MaxUint64), uint64(math.MaxUint64 - 5), false},
		{"uint64 beyond", 0, 5, uint64(3), uint64(math.MaxUint64), true},
		{"float32 step of the deadband", 0, 0.1, float32(23.1), float32(23.2), false},
		{"float32 beyond", 0, 0.1, float32(23.1), float32(23.21), true},
		{"float64 step of the deadband", 0, 0.1, 0.2, 0.3, false},
		{"float64 step of the deadband, down", 0, 0.1, 0.8, 0.7, false},
		{"float64 beyond", 0, 0.1, 0.2, 0.301, true},
		{"float64 without deadband", 0, 0, 0.3, 0.30000000000000004, true},
		{"zeros are equal", 0, 0, 0.0, math.Copysign(0, -1), false},
		{"decimal step of the deadband", -1, 0.3, Decimal{Mant: 231}, Decimal{Mant: 234}, false},
		{"decimal beyond", -1, 0.3, Decimal{Mant: 231}, Decimal{Mant: 235}, true},
		{"decimal without deadband", -1, 0, Decimal{Mant: 231}, Decimal{Mant: 232}, true},
	} {
		r := newRig(c.exp, Rule{Report: ReportChange, Deadband: Deadband{Value: c.band}})
		r.apply(0, c.last, Good)
		if got := r.apply(1, c.at, Good); (got != "") != c.sent {
			t.Errorf("%s: from %v to %v with %v: sent %q, want sent: %v", c.name, c.last, c.at, c.band, got, c.sent)
		}
	}
}

// The deadband is against the last value sent, or a slow drift would never be.
func TestDeadbandFollowsDrift(t *testing.T) {
	r := newRig(0, Rule{Report: ReportChange, Deadband: Deadband{Value: 2}})
	var sent []string
	for v := range 10 {
		if s := r.apply(float64(v), v, Good); s != "" {
			sent = append(sent, s)
		}
	}
	expect(t, "drift", strings.Join(sent, ", "), "0s 0 Int Good, 3s 3 Int Good, 6s 6 Int Good, 9s 9 Int Good")
}

func TestApplyCompacts(t *testing.T) {
	r := newRig(0, Rule{}, Rule{Report: ReportChange}, Rule{})
	for round, want := range []string{
		"0s 0 Int Good, 0s 0 Int Good, 0s 0 Int Good",
		"1s 0 Int Good, 1s 0 Int Good",
	} {
		r.b.Reset(r.f.group)
		for i := range 3 {
			r.b.Samples = append(r.b.Samples, Sample{Time: int64(round) * second, Kind: Int, Index: uint16(i)})
		}
		r.f.Apply(&r.b)
		expect(t, fmt.Sprint("round ", round), r.sent(), want)
	}
}
