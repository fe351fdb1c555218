package drivers

import (
	"bytes"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"tagbridge/mapping"
)

func seriesGroup(names ...string) *mapping.Group {
	var list []*mapping.Series
	for _, n := range names {
		list = append(list, &mapping.Series{Tag: n, SeriesTraits: &mapping.SeriesTraits{}})
	}
	return mapping.NewGroup(mapping.Group{Series: list})
}

// TestRegroup gives a job other tags: those that stay keep their last samples, those that are gone end with the next
// exchange, and new ones were never read.
func TestRegroup(t *testing.T) {
	filter := func(g *mapping.Group) *mapping.Filter {
		return mapping.NewFilter(g, make([]mapping.Rule, len(g.Series)))
	}
	old := seriesGroup("gone", "text", "bad", "unread")
	j := &Job{Group: old, Filter: filter(old)}
	j.live.init(j.Current())
	b := mapping.Batch{Group: old}
	b.Samples = []mapping.Sample{
		{Index: 0, Time: 1, Kind: mapping.Int, Bits: 5}, {Index: 1, Time: 1}, {Index: 2, Time: 1, Quality: mapping.BadNoData},
	}
	b.PutText(&b.Samples[1], []byte("words"))
	j.live.put(&b)
	next := seriesGroup("new", "bad", "text")
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
	l.out.bad = 2 // as before: bad and unread
	l.out.endRegrouped(j, l.now())
	l.out.endRegrouped(j, l.now()) // once is enough
	if want := []string{"gone BadOutOfService"}; !slices.Equal(sent, want) {
		t.Errorf("sent %q, want %q", sent, want)
	}
	if l.out.bad != 2 || j.live.badTags() != 2 { // bad and new
		t.Errorf("%d bad tags of the lane, %d of the job, want 2", l.out.bad, j.live.badTags())
	}
	var shown []string
	var tb table
	tb.each(j, nil, func(s TagState) bool {
		shown = append(shown, s.Series.Tag+" "+s.Sample.Quality.String()+" "+string(s.Text))
		return true
	})
	if want := []string{"new BadWaitingForInitialData ", "bad BadNoData ", "text Good words"}; !slices.Equal(shown, want) {
		t.Errorf("shown %q, want %q", shown, want)
	}
}

// TestRegroupIsNotTaken has the journal refuse the end of a tag that is gone: that is said, as for all others.
func TestRegroupIsNotTaken(t *testing.T) {
	var log bytes.Buffer
	l := NewLane(nil, LaneOptions{
		Append: func(*mapping.Batch) error { return errors.New("full") },
		Log:    slog.New(slog.NewTextHandler(&log, nil)),
	})
	j := &Job{Group: seriesGroup("gone")}
	j.live.init(j.Current())
	b := mapping.Batch{Group: j.Group, Samples: []mapping.Sample{{Time: 1}}}
	j.live.put(&b)
	b.Reset(j.Group)
	j.Regroup(seriesGroup("new"), nil, &b)
	l.out.endRegrouped(j, l.now())
	if l.out.unsent.Load() != 1 || !strings.Contains(log.String(), "samples not taken") {
		t.Errorf("%d samples unsent, log %q", l.out.unsent.Load(), &log)
	}
}

// TestReadsWhatItReadsNow has a job that was compiled with one tag read one of three: that is something.
func TestReadsWhatItReadsNow(t *testing.T) {
	j := &Job{Group: seriesGroup("all[*]")}
	j.live.init(j.Current())
	b := mapping.Batch{Group: j.Group}
	j.Regroup(seriesGroup("all[0]", "all[1]", "all[2]"), nil, &b)
	b.Samples = []mapping.Sample{{Index: 1, Time: 1}}
	j.live.put(&b)
	if !j.reads() {
		t.Error("nothing is read of a job with a good tag")
	}
}
