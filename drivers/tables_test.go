package drivers

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/mapping"
)

// TestTablesShowWhatTagsDo looks at some tags by index, and wants what Tags yields of them.
func TestTablesShowWhatTagsDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		r.lane.link = texter{r.fake}
		a, b := newJob(1, time.Second, 4), newJob(2, time.Second, 2)
		a.Work, b.Work = plan{}, plan{}
		r.dead[2] = time.Hour
		r.run(a, b)
		r.pass(10 * ms)
		want := map[string]string{}
		for tag := range r.lane.Tags() {
			want[tag.Group.Device+"/"+tag.Series.Tag] = text(&tag)
		}
		tables := r.lane.Tables()
		if len(tables) != 2 || !slices.Equal(tables, r.lane.Tables()) {
			t.Fatalf("%d tables, and others when asked again", len(tables))
		}
		seen := 0
		for i, indexes := range [][]uint16{{3, 1, 3}, {0}} {
			tables[i].Look(tables[i].Group(), indexes, new(mapping.Batch), func(place int, s *TagState) {
				seen++
				name := s.Group.Device + "/" + s.Series.Tag
				if got := text(s); got != want[name] || s.Series.Tag != fmt.Sprintf("t%d", indexes[place]) {
					t.Errorf("place %d of table %d is %s: %s, want %s", place, i, name, got, want[name])
				}
			})
		}
		if seen != 4 {
			t.Errorf("%d tags, want 4", seen)
		}
		if got, ok := tables[1].Qualities(tables[1].Group(), nil); !ok || len(got) != 2 || !got[0].IsBad() {
			t.Errorf("qualities %v, %v of a unit that is dead", got, ok)
		}
	})
}

// text is all of s, for people.
func text(s *TagState) string {
	return fmt.Sprintf("%d %v %q %x %q %d", s.Sample.Time, s.Sample.Quality, s.Text, s.Raw, s.Error, s.Since)
}

// TestTableOfOtherTagsShowsNothing: indexes are of one group, and never used with another.
func TestTableOfOtherTagsShowsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		j := newJob(1, time.Second, 3)
		r.run(j)
		r.pass(10 * ms)
		table := r.lane.Tables()[0]
		other := newJob(1, time.Second, 1).Group
		table.Look(other, []uint16{0}, new(mapping.Batch), func(int, *TagState) { t.Error("a tag of another group") })
		if _, ok := table.Qualities(other, nil); ok {
			t.Error("qualities of another group")
		}
		before := table.Turned()
		r.dead[1] = 100 * ms
		r.pass(5 * time.Second)
		if after := table.Turned(); after == before {
			t.Errorf("turned %d times before the unit died and after", after)
		}
	})
}
