package encode

import (
	"math"
	"testing"
	"time"

	"tagbridge/mapping"
)

func checkText(t *testing.T, got []byte, want string) {
	t.Helper()
	if string(got) != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestLineWide(t *testing.T) {
	l := NewLine(LineOptions{Precision: time.Millisecond})
	checkText(t, l.Append(nil, poll()),
		`boilers,area=boilerhouse,bridge=line-3,device=boiler temp=23.1,level=50.5,state=1,state.text="running \"fast\"",on=true,flow=-23,steps=-5 1767323045678`+"\n"+
			`boilers,area=boilerhouse,bridge=line-3,device=boiler,zone=2 energy=9223372036854775807i,delta=-9223372036854775808i 1767323045678`+"\n"+
			"boilers,bridge=line-3,device=boiler name=\"Kessel \\\"7\\\"\nüber\" 1767323045678\n")
}

func TestLineNarrow(t *testing.T) {
	l := NewLine(LineOptions{Narrow: true, Precision: time.Second})
	b := poll()
	bad(b, 7, mapping.BadTimeout)
	const head = "boilers,area=boilerhouse,bridge=line-3,device=boiler,tag="
	checkText(t, l.Append(nil, b),
		head+"temp value=23.1,quality=\"Good\" 1767323045\n"+
			head+"level value=50.5,quality=\"Good\" 1767323045\n"+
			head+"state value=1,text=\"running \\\"fast\\\"\",quality=\"Good\" 1767323045\n"+
			head+"energy,zone=2 value_int=9223372036854775807i,quality=\"Good\" 1767323045\n"+
			head+"delta,zone=2 value_int=-9223372036854775808i,quality=\"Good\" 1767323045\n"+
			head+"on value_bool=true,quality=\"Good\" 1767323045\n"+
			"boilers,bridge=line-3,device=boiler,tag=name value_text=\"Kessel \\\"7\\\"\nüber\",quality=\"Good\" 1767323045\n"+
			head+"flow quality=\"BadTimeout\" 1767323045\n"+
			head+"steps value=-5,quality=\"Good\" 1767323045\n")
}

func TestLineQuality(t *testing.T) {
	g := mapping.NewGroup(mapping.Group{Bridge: "b", Device: "d", Measurement: "m", Series: []*mapping.Series{
		{Tag: "good", Field: "good", SeriesTraits: new(mapping.SeriesTraits)}, {Tag: "back", Field: "back", SeriesTraits: new(mapping.SeriesTraits)}, {Tag: "doubt", Field: "doubt", SeriesTraits: new(mapping.SeriesTraits)},
		{Tag: "bad", Field: "bad", SeriesTraits: new(mapping.SeriesTraits)}, {Tag: "info", Field: "info", SeriesTraits: new(mapping.SeriesTraits)},
	}})
	b := &mapping.Batch{Group: g, Samples: []mapping.Sample{
		{Time: at, Index: 0, Kind: mapping.Int, Bits: 1},
		{Time: at, Index: 1, Kind: mapping.Int, Bits: 2, Flags: mapping.ShowQuality},
		{Time: at, Index: 2, Kind: mapping.Int, Bits: 3, Quality: mapping.UncertainUnitsExceeded},
		{Time: at, Index: 3, Quality: mapping.BadNotConnected},
		{Time: at, Index: 4, Kind: mapping.Int, Bits: 4, Quality: mapping.Good | 0x480}, // the overflow bit: still Good
	}}
	checkText(t, NewLine(LineOptions{}).Append(nil, b), `m,bridge=b,device=d good=1,back=2,back.quality="Good",`+
		`doubt=3,doubt.quality="UncertainEngineeringUnitsExceeded",bad.quality="BadNotConnected",info=4 1767323045678901234`+"\n")
}

func TestLineOwnGroupIsWideInBothLayouts(t *testing.T) {
	g := mapping.NewGroup(mapping.Group{Bridge: "b", Device: "d", Measurement: "tagbridge", Own: true,
		Series: []*mapping.Series{{Tag: "_online", Field: "online", SeriesTraits: new(mapping.SeriesTraits)}, {Tag: "_latency_ms", Field: "latency_ms", SeriesTraits: new(mapping.SeriesTraits)}}})
	b := &mapping.Batch{Group: g, Samples: []mapping.Sample{
		{Time: at, Index: 0, Kind: mapping.Bool, Bits: 0},
		{Time: at, Index: 1, Kind: mapping.F64, Bits: math.Float64bits(1.5)},
	}}
	for _, narrow := range []bool{false, true} {
		l := NewLine(LineOptions{Narrow: narrow, Precision: time.Microsecond})
		checkText(t, l.Append(nil, b), "tagbridge,bridge=b,device=d online=false,latency_ms=1.5 1767323045678901\n")
	}
}

func TestLineUnsigned(t *testing.T) {
	b := poll()
	b.Samples = b.Samples[3:5]
	b.Samples[0].Bits = math.MaxInt64 + 1
	signed, unsigned := NewLine(LineOptions{}), NewLine(LineOptions{Unsigned: true})
	if n := signed.Check(b); n != 0 {
		t.Errorf("Check found the first sample to reject at %d, want 0", n)
	}
	if n := unsigned.Check(b); n != 2 {
		t.Errorf("Check with unsigned found a sample to reject at %d", n)
	}
	const head = "boilers,area=boilerhouse,bridge=line-3,device=boiler,zone=2 "
	checkText(t, signed.Append(nil, b), head+"delta=-9223372036854775808i 1767323045678901234\n")
	checkText(t, unsigned.Append(nil, b), head+"energy=9223372036854775808u,delta=-9223372036854775808i 1767323045678901234\n")
}

func TestLineSeveralTimes(t *testing.T) {
	g := mapping.NewGroup(mapping.Group{Bridge: "b", Device: "d", Measurement: "m", Series: []*mapping.Series{
		{Tag: "x", Field: "x", SeriesTraits: new(mapping.SeriesTraits)}, {Tag: "y", Field: "y", SeriesTraits: new(mapping.SeriesTraits)}, {Tag: "z", Field: "z", SeriesTraits: &mapping.SeriesTraits{Labels: []mapping.Label{{Name: "a", Value: "1"}}}},
	}})
	ms := int64(time.Millisecond)
	sample := func(at int64, index uint16, v uint64) mapping.Sample {
		return mapping.Sample{Time: at, Index: index, Kind: mapping.Int, Bits: v}
	}
	tests := []struct {
		name    string
		samples []mapping.Sample
		want    string
	}{
		{"two polls", []mapping.Sample{sample(ms, 0, 1), sample(ms, 1, 2), sample(2*ms, 0, 3), sample(2*ms, 1, 4)},
			"m,bridge=b,device=d x=1,y=2 1\nm,bridge=b,device=d x=3,y=4 2\n"},
		{"times within one unit are one line", []mapping.Sample{sample(ms, 0, 1), sample(ms+1, 1, 2)},
			"m,bridge=b,device=d x=1,y=2 1\n"},
		{"times in turn are gathered", []mapping.Sample{sample(2*ms, 0, 1), sample(ms, 1, 2), sample(2*ms, 1, 3), sample(ms, 0, 4)},
			"m,bridge=b,device=d y=2,x=4 1\nm,bridge=b,device=d x=1,y=3 2\n"},
		{"a tag twice at a time takes two lines, the last value last", []mapping.Sample{sample(ms, 0, 1), sample(ms, 1, 2), sample(ms, 0, 3)},
			"m,bridge=b,device=d x=1,y=2 1\nm,bridge=b,device=d x=3 1\n"},
		{"order of tags does not matter", []mapping.Sample{sample(ms, 1, 1), sample(ms, 0, 2)},
			"m,bridge=b,device=d y=1,x=2 1\n"},
		{"label sets are gathered", []mapping.Sample{sample(ms, 2, 1), sample(ms, 0, 2), sample(ms, 1, 3)},
			"m,bridge=b,device=d x=2,y=3 1\nm,a=1,bridge=b,device=d z=1 1\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := NewLine(LineOptions{Precision: time.Millisecond})
			b := &mapping.Batch{Group: g, Samples: test.samples}
			checkText(t, l.Append(nil, b), test.want)
			checkText(t, l.Append(nil, b), test.want)
		})
	}
}

func TestLineNothingToSay(t *testing.T) {
	g := mapping.NewGroup(mapping.Group{Measurement: "m", Series: []*mapping.Series{{Tag: "x", Field: "x", SeriesTraits: new(mapping.SeriesTraits)}}})
	for _, s := range []mapping.Sample{
		{Kind: mapping.F64, Bits: math.Float64bits(math.NaN())},
		{Kind: mapping.F64, Bits: math.Float64bits(math.Inf(-1))},
		{Kind: mapping.F32, Bits: uint64(math.Float32bits(float32(math.Inf(1))))},
		{Kind: mapping.None},
	} {
		b := &mapping.Batch{Group: g, Samples: []mapping.Sample{s}}
		if got := NewLine(LineOptions{}).Append(nil, b); len(got) != 0 {
			t.Errorf("a sample without a value or quality to show gave %q", got)
		}
	}
}

func TestLineEncodersAllocateNothing(t *testing.T) {
	b := poll()
	turned := poll()
	for i := range turned.Samples {
		turned.Samples[i].Time -= int64(i%3) * int64(time.Second)
	}
	dst := make([]byte, 0, 1<<16)
	for _, o := range []LineOptions{{}, {Narrow: true}, {Precision: time.Millisecond}} {
		l := NewLine(o)
		if n := testing.AllocsPerRun(100, func() {
			dst = l.Append(dst[:0], b)
			dst = l.Append(dst, turned)
			l.Check(b)
		}); n != 0 {
			t.Errorf("%+v: %v allocations a batch, want none", o, n)
		}
	}
}

// With Integers every integer that nothing scaled is an integer field, in both layouts.
func TestLineIntegers(t *testing.T) {
	g := mapping.NewGroup(mapping.Group{Bridge: "b", Device: "d", Measurement: "m", Series: []*mapping.Series{
		{Tag: "i", Field: "i", SeriesTraits: new(mapping.SeriesTraits)}, {Tag: "u", Field: "u", SeriesTraits: new(mapping.SeriesTraits)},
		{Tag: "f", Field: "f", SeriesTraits: new(mapping.SeriesTraits)},
	}})
	minus := int64(-5)
	b := &mapping.Batch{Group: g, Samples: []mapping.Sample{
		{Time: at, Index: 0, Kind: mapping.Int, Bits: uint64(minus)},
		{Time: at, Index: 1, Kind: mapping.Uint, Bits: math.MaxUint32},
		{Time: at, Index: 2, Kind: mapping.F64, Bits: math.Float64bits(3)},
	}}
	const when = " 1767323045678901234\n"
	for o, want := range map[LineOptions]string{
		{}:                               "m,bridge=b,device=d i=-5,u=4294967295,f=3" + when,
		{Integers: true}:                 "m,bridge=b,device=d i=-5i,u=4294967295i,f=3" + when,
		{Integers: true, Unsigned: true}: "m,bridge=b,device=d i=-5i,u=4294967295u,f=3" + when,
		{Integers: true, Narrow: true}: "m,bridge=b,device=d,tag=i value_int=-5i,quality=\"Good\"" + when +
			"m,bridge=b,device=d,tag=u value_int=4294967295i,quality=\"Good\"" + when + "m,bridge=b,device=d,tag=f value=3,quality=\"Good\"" + when,
	} {
		checkText(t, NewLine(o).Append(nil, b), want)
	}
}
