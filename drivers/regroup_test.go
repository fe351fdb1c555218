package drivers

import (
	"slices"
	"testing"

	"tagbridge/mapping"
)

// TestRegroup gives a job other tags: those that stay keep their last samples, those that are gone end with the next
// exchange, and new ones were never read.
func TestRegroup(t *testing.T) {
	group := func(names ...string) *mapping.Group {
		var list []*mapping.Series
		for _, n := range names {
			list = append(list, &mapping.Series{Tag: n, SeriesTraits: &mapping.SeriesTraits{}})
		}
		return mapping.NewGroup(mapping.Group{Series: list})
	}
	filter := func(g *mapping.Group) *mapping.Filter {
		return mapping.NewFilter(g, make([]mapping.Rule, len(g.Series)))
	}
	old := group("gone", "text", "bad", "unread")
	j := &Job{Group: old, Filter: filter(old)}
	j.live.init(j.Current())
	b := mapping.Batch{Group: old}
	b.Samples = []mapping.Sample{
		{Index: 0, Time: 1, Kind: mapping.Int, Bits: 5}, {Index: 1, Time: 1}, {Index: 2, Time: 1, Quality: mapping.BadNoData},
	}
	b.PutText(&b.Samples[1], []byte("words"))
	j.live.put(&b)
	next := group("new", "bad", "text")
	b.Reset(old)
	j.Regroup(next, filter(next), &b)
	if b.Group != next || j.Current() != next || j.Group != old {
		t.Error("the job's group did not change, or that which it was compiled with did")
	}
	var sent []string
	l := NewLane(nil, LaneOptions{Append: func(b *mapping.Batch) error {
		for _, s := range b.Samples {
			sent = append(sent, b.Group.Series[s.Index].Tag+" "+s.Quality.String())
		}
		return nil
	}})
	l.bad = 2 // as before: bad and unread
	l.settle(j)
	l.settle(j) // once is enough
	if want := []string{"gone BadOutOfService"}; !slices.Equal(sent, want) {
		t.Errorf("sent %q, want %q", sent, want)
	}
	if l.bad != 2 || j.live.badTags() != 2 { // bad and new
		t.Errorf("%d bad tags of the lane, %d of the job, want 2", l.bad, j.live.badTags())
	}
	var shown []string
	var tb table
	tb.each(j, "", func(s TagState) bool {
		shown = append(shown, s.Series.Tag+" "+s.Sample.Quality.String()+" "+string(s.Text))
		return true
	})
	if want := []string{"new BadWaitingForInitialData ", "bad BadNoData ", "text Good words"}; !slices.Equal(shown, want) {
		t.Errorf("shown %q, want %q", shown, want)
	}
}
