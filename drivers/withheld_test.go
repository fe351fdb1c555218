package drivers

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/mapping"
)

// newWithheld is a job of three tags of which the second is withheld.
func newWithheld() *Job {
	j := newJob(1, time.Second, 3)
	j.Device.Health = healthGroup("u1")
	j.Group = mapping.NewGroup(mapping.Group{Device: "u1", UnitID: 1, Series: j.Group.Series, Withheld: []bool{false, true, false}})
	j.Filter = mapping.NewFilter(j.Group, make([]mapping.Rule, 3))
	return j
}

// What is withheld is read and can be looked at, and never handed over: not when it is read, not when the device falls
// silent, not when it is repeated, and not when it ends.
func TestWithheldTagsAreNeverSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		j := newWithheld()
		r.run(j)
		r.pass(2 * time.Second)
		var seen []string
		for tag := range r.lane.Tags("u1") {
			if tag.Sample.Quality == mapping.Good {
				seen = append(seen, tag.Series.Tag)
			}
		}
		if !slices.Equal(seen, []string{"t0", "t1", "t2"}) {
			t.Errorf("present values of %q, want all three", seen)
		}
		for name, present := range map[string]func(func(*mapping.Batch)){"Present": r.lane.Present, "Everything": r.lane.Everything} {
			n := 0
			present(func(b *mapping.Batch) {
				for i := range b.Samples {
					if b.Group == j.Group {
						if n++; b.Samples[i].Index == 1 {
							t.Errorf("%s has the withheld tag", name)
						}
					}
				}
			})
			if n != 2 {
				t.Errorf("%s has %d tags, want the two others", name, n)
			}
		}
		r.dead[1] = 100 * ms
		r.pass(20 * time.Minute)
		if d := r.device("u1"); d.State != Offline || d.BadTags != 3 {
			t.Fatalf("device %+v, want offline with three bad tags", d)
		}
		r.lane.Apply(nil, Gone{Job: j, All: true})
		r.pass(time.Second)
		if q := r.qualities("u1", 1); len(q) > 0 {
			t.Errorf("the withheld tag was sent %d times: %v", len(q), q)
		}
		q := r.qualities("u1", 0)
		if len(q) < 4 || q[0] != mapping.Good || !slices.Contains(q, mapping.BadTimeout) || q[len(q)-1] != mapping.BadOutOfService {
			t.Errorf("the tag beside it was sent as %v, want good, bad, and ended", q)
		}
		if n := r.lane.Line().Unsent; n > 0 {
			t.Errorf("%d samples count as not taken", n)
		}
	})
}

// A tag that was withheld before a reload, and bad, is sent at once as it is.
func TestWithheldNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, LaneOptions{})
		old := newWithheld()
		r.dead[1] = 100 * ms
		r.run(old)
		r.pass(time.Minute)
		heir := newJob(1, time.Second, 3)
		heir.Group = mapping.NewGroup(mapping.Group{Device: "u1", UnitID: 1, Series: old.Group.Series})
		heir.Filter = mapping.NewFilter(heir.Group, make([]mapping.Rule, 3))
		heir.Device = old.Device
		r.forget()
		r.lane.Apply([]*Job{heir}, Gone{Job: old, Heir: heir})
		r.pass(time.Second)
		if q := r.qualities("u1", 1); !slices.Equal(q, []mapping.Quality{mapping.BadTimeout}) {
			t.Errorf("the tag was sent as %v, want BadTimeout once", q)
		}
		if q := r.qualities("u1", 0); len(q) > 0 {
			t.Errorf("its neighbour, which was sent before, was sent again as %v", q)
		}
	})
}
