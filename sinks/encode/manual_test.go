package encode

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/testrig/manual"
)

// The lines that the manual shows are those that are written.
func TestManualShowsLines(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(manual.Root(t), "configs", "manual", "influxdb.md"))
	if err != nil {
		t.Fatal(err)
	}
	shown := func(info string) string {
		_, rest, found := strings.Cut(string(page), "```line "+info+"\n")
		block, _, ended := strings.Cut(rest, "```")
		if !found || !ended {
			t.Fatalf("influxdb.md has no block of lines %s", info)
		}
		return block
	}
	states := []mapping.EnumText{{Value: 0, Text: "off"}, {Value: 1, Text: "on"}}
	var all []*mapping.Series
	for _, name := range []string{"temp", "door", "name", "fan", "energy"} {
		all = append(all, &mapping.Series{Tag: name, Field: name, SeriesTraits: new(mapping.SeriesTraits)})
	}
	all[0].Exp, all[3].Enum = -1, states
	g := mapping.NewGroup(mapping.Group{Bridge: "b", Device: "air", Measurement: "air", Series: all})
	begin := time.Unix(1767323045, 678e6)
	polls := []mapping.Batch{
		{Samples: []mapping.Sample{
			{Index: 0, Kind: mapping.Dec, Bits: 705}, {Index: 1, Kind: mapping.Bool, Bits: 1}, {Index: 2, Kind: mapping.Text, Bits: 3},
		}, Blob: []byte("K-7")},
		{Samples: []mapping.Sample{{Index: 3, Kind: mapping.Int, Bits: 1}}},
		{Samples: []mapping.Sample{{Index: 4, Kind: mapping.Int64, Bits: 12}}},
		{Samples: []mapping.Sample{{Index: 0, Quality: mapping.BadTimeout}}},
		{Samples: []mapping.Sample{{Index: 0, Kind: mapping.Dec, Bits: 706, Flags: mapping.ShowQuality}}},
	}
	wide, narrow := NewLine(LineOptions{Precision: time.Millisecond}), NewLine(LineOptions{Narrow: true, Precision: time.Second})
	var gotWide, gotNarrow []byte
	for i := range polls {
		b := &polls[i]
		b.Group = g
		for k := range b.Samples {
			b.Samples[k].Time = begin.Add(time.Duration(i) * time.Second).UnixNano()
		}
		gotWide = wide.Append(gotWide, b)
		if i < len(polls)-1 {
			gotNarrow = narrow.Append(gotNarrow, b)
		}
	}
	checkText(t, gotWide, shown("wide"))
	checkText(t, gotNarrow, shown("narrow"))
}
