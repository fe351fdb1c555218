package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks/journal"
)

// TestHistory prints what a journal has of one tag, in the order of the times.
func TestHistory(t *testing.T) {
	dir := t.TempDir()
	j, err := journal.Open(journal.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	g := mapping.NewGroup(mapping.Group{Bridge: "b", Device: "boiler", Series: []*mapping.Series{
		{Tag: "temp", Field: "temp", SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Int64, Unit: "°C"}},
		{Tag: "other", Field: "other", SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Int64}},
	}})
	base := time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)
	for _, second := range []int{0, 1, 3, 2, 4} { // the clock was set back once
		var b mapping.Batch
		b.Reset(g)
		at := base.Add(time.Duration(second) * time.Second).UnixNano()
		for i := range g.Series {
			b.Samples = append(b.Samples, mapping.Sample{Time: at, Index: uint16(i), Kind: mapping.Int64, Bits: uint64(100*i + second)})
		}
		if second == 4 {
			b.Samples[0] = mapping.Sample{Time: at, Kind: mapping.None, Quality: mapping.BadTimeout}
		}
		if err := j.Append(&b); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		v    historyVerb
		want string
	}{
		{historyVerb{CSV: true, Since: "2026-03-01T02:00:01Z"}, "time,device,tag,value,unit,quality\n" +
			"2026-03-01T02:00:01Z,boiler,temp,1,°C,Good\n2026-03-01T02:00:02Z,boiler,temp,2,°C,Good\n" +
			"2026-03-01T02:00:03Z,boiler,temp,3,°C,Good\n2026-03-01T02:00:04Z,boiler,temp,,°C,BadTimeout\n"},
		{historyVerb{Since: "2026-03-01T02:00:01Z", Until: "2026-03-01T02:00:02Z"},
			"2026-03-01T02:00:01.000Z  boiler/temp                     1 °C     Good\n"},
	} {
		var out, problems bytes.Buffer
		row.v.Target, row.v.Tags = dir, []string{"boiler/temp"}
		if err := row.v.Run(t.Context(), streams{in: strings.NewReader(""), out: &out, err: &problems}); err != nil {
			t.Fatal(err)
		}
		if out.String() != row.want || problems.Len() > 0 {
			t.Errorf("printed\n%s, and\n%s, want\n%s", out.String(), problems.String(), row.want)
		}
	}
}
